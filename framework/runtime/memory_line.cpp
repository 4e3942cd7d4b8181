// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/memory_line.h"

#include <algorithm>

namespace penstock::runtime {

MemoryWaiter* MemoryLine::oldest() const {
  if (work_.empty()) return growth_.empty() ? nullptr : growth_.begin()->second;
  if (growth_.empty() || work_.begin()->first < growth_.begin()->first) return work_.begin()->second;
  return growth_.begin()->second;
}

MemoryWaiter* MemoryLine::next() const {
  if (!work_.empty() && fits(*work_.begin()->second, limit_)) return work_.begin()->second;
  MemoryWaiter* first = oldest();
  const bool grows = first != nullptr && first->purpose() == MemoryWaiter::Purpose::growth;
  return grows && fits(*first, growth_limit_) ? first : nullptr;
}

bool MemoryLine::withdraw(const MemoryWaiter& waiter) {
  Waiters& line = line_of(waiter);
  const auto [begin, end] = line.equal_range(waiter.place);
  const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == &waiter; });
  if (found == end) return false;
  line.erase(found);
  return true;
}

MemoryWaiter* MemoryLine::grant(MemoryWaiter& waiter) {
  withdraw(waiter);
  bytes_ += waiter.amount;
  peak_ = std::max(peak_, bytes_);
  return &waiter;
}

bool MemoryLine::take(MemoryWaiter& waiter) {
  line_of(waiter).emplace(waiter.place, &waiter);
  if (next() != &waiter) return false;
  grant(waiter);
  return true;
}

void MemoryLine::collect(std::vector<Waiter*>& woken) {
  while (MemoryWaiter* waiter = next()) woken.push_back(grant(*waiter));
}

MemoryWaiter* MemoryLine::take_when_still() {
  MemoryWaiter* first = oldest();
  if (first == nullptr) return nullptr;
  if (fits(*first, limit_)) return grant(*first);
  for (const auto& [place, waiter] : work_) {
    if (fits(*waiter, limit_)) return grant(*waiter);
  }
  MemoryWaiter* grown = oldest_grown();
  return grown != nullptr && fits(*grown, limit_) ? grant(*grown) : nullptr;
}

MemoryWaiter* MemoryLine::oldest_grown() const {
  for (const auto& [place, waiter] : growth_) {
    if (waiter->has_grown) return waiter;
  }
  return nullptr;
}

std::uint64_t MemoryLine::missing() const {
  const MemoryWaiter* first = oldest();
  if (first == nullptr) return 0;
  const std::uint64_t allowed = std::max(limit_, first->held + first->amount);
  const std::uint64_t wanted = bytes_ + first->amount;
  return wanted > allowed ? wanted - allowed : 0;
}

MemoryWaiter* MemoryLine::force() {
  MemoryWaiter* chosen = oldest_grown();
  if (chosen == nullptr) chosen = oldest();
  return chosen == nullptr ? nullptr : grant(*chosen);
}

}  // namespace penstock::runtime
