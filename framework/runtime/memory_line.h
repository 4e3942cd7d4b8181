// Who has memory, who waits for some, and who gets it next.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "framework/runtime/waiter.h"

namespace penstock::runtime {

/// Somebody who waits for memory.
class MemoryWaiter : public Waiter {
 public:
  /// What grows (a body on its way in) keeps what it gets until somebody has worked on it; work gives it back.
  enum class Purpose : std::uint8_t { growth, work };
  explicit MemoryWaiter(Purpose purpose) : purpose_(purpose) {}
  Purpose purpose() const { return purpose_; }

  std::uint64_t held = 0;  ///< Work: bytes that it has already.
  bool has_grown = false;  ///< Growth: its body has got some before, and gives it back only when it can go on.

 protected:
  ~MemoryWaiter() = default;

 private:
  Purpose purpose_;
};

/// The rules:
/// 1. Work may fill the limit, growth three quarters of it: there is always room for work, which makes room in turn.
/// 2. Older first. Growth stands behind everybody older, work behind older work.
/// 3. Who finds nothing taken but what it holds itself may have any amount.
/// 4. When nothing moves (the run tells), the oldest may fill the limit whatever it is for, and what fits may overtake:
///    work, and growth that has grown before. When that lets nobody on, the youngest payloads that wait are set aside
///    on disk until the oldest has its room. Only when none can be set aside is one let beyond the limit: the oldest
///    that has grown before, for nothing but the end of its body makes room; else the oldest.
///
/// So bytes taken exceed neither the limit nor what one alone needs, unless what is in the way cannot be set aside.
/// Thread safety: none; the budget guards it.
class MemoryLine {
 public:
  explicit MemoryLine(std::uint64_t limit) : limit_(limit), growth_limit_(limit - limit / 4) {}

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t peak() const { return peak_; }
  bool is_full() const { return bytes_ >= limit_; }

  /// False: it waits.
  bool take(MemoryWaiter& waiter);
  void give_back(std::uint64_t bytes) { bytes_ -= bytes; }
  /// Lets those on who can, into `woken`. To be called after whatever may have made room.
  void collect(std::vector<Waiter*>& woken);
  /// False: it does not wait any more.
  bool withdraw(const MemoryWaiter& waiter);

  /// Null: nobody waits.
  MemoryWaiter* oldest() const;

  // Rule 4.
  MemoryWaiter* take_when_still();
  /// Bytes that must be given back before the oldest has its room.
  std::uint64_t missing() const;
  /// Lets one beyond the limit. Null: nobody waits.
  MemoryWaiter* force();

  /// Whether nobody waits for what could be granted; for tests.
  bool keeps_nobody_in_vain() const { return next() == nullptr; }

 private:
  using Waiters = std::multimap<OrderKey, MemoryWaiter*>;

  Waiters& line_of(const MemoryWaiter& waiter) {
    return waiter.purpose() == MemoryWaiter::Purpose::work ? work_ : growth_;
  }
  bool fits(const MemoryWaiter& waiter, std::uint64_t limit) const {
    return bytes_ <= waiter.held || (waiter.amount <= limit && bytes_ <= limit - waiter.amount);
  }
  MemoryWaiter* next() const;
  /// Null: there is none.
  MemoryWaiter* oldest_grown() const;
  MemoryWaiter* grant(MemoryWaiter& waiter);

  const std::uint64_t limit_;
  const std::uint64_t growth_limit_;
  std::uint64_t bytes_ = 0;
  std::uint64_t peak_ = 0;
  Waiters growth_;
  Waiters work_;
};

}  // namespace penstock::runtime
