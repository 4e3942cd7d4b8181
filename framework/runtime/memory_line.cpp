// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/memory_line.h"

#include <algorithm>
#include <iterator>

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
  return nullptr;
}

std::vector<MemoryWaiter*> MemoryLine::withdraw_youngest() {
  std::vector<MemoryWaiter*> youngest;
  const MemoryWaiter* first = oldest();
  if (first == nullptr) return youngest;
  const std::uint64_t allowed = std::max(limit_, first->held + first->amount);
  std::uint64_t free = 0;
  for (auto entry = work_.end(); entry != work_.begin() && bytes_ - free + first->amount > allowed;) {
    MemoryWaiter* waiter = std::prev(entry)->second;
    if (waiter == first || !waiter->can_be_set_aside) {
      --entry;
      continue;
    }
    free = std::min(bytes_, free + waiter->held);
    youngest.push_back(waiter);
    entry = work_.erase(std::prev(entry));
  }
  return youngest;
}

MemoryWaiter* MemoryLine::force_oldest() {
  MemoryWaiter* first = growth_.empty() ? nullptr : growth_.begin()->second;
  for (const auto& [place, waiter] : work_) {
    if (first != nullptr && first->place < place) break;
    if (!waiter->could_go_on()) continue;
    first = waiter;
    break;
  }
  return first == nullptr ? nullptr : grant(*first);
}

MemoryWaiter* MemoryLine::force_stuck() {
  MemoryWaiter* first = oldest();
  return first == nullptr ? nullptr : grant(*first);
}

}  // namespace penstock::runtime
