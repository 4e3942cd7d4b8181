// The pending timers of an event loop, ordered by time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "penstock/event_loop.h"

namespace penstock::io {

/// A binary heap whose cancelled entries stay until they surface or outnumber the live ones: adding is O(log n),
/// cancelling O(1) amortised, also with hundreds of thousands of timers. Timers of one instant run in the order in
/// which they were added.
///
/// Thread safety: as a container.
class TimerQueue {
 public:
  EventLoop::TimerId add(TimePoint when, std::function<void()> work);
  /// No-op for an id that has run or was cancelled.
  void cancel(EventLoop::TimerId id);

  /// When the first live timer is due.
  std::optional<TimePoint> next();

  /// Runs what is due at `now`. Timers that are added meanwhile wait for the next call, even when they are due: a
  /// timer that puts itself again must not starve the loop.
  void run_due(TimePoint now);

  std::size_t size() const { return works_.size(); }

 private:
  struct Entry {
    TimePoint when;
    EventLoop::TimerId id;
    bool operator>(const Entry& other) const { return when != other.when ? when > other.when : id > other.id; }
  };
  void pop();
  void drop_cancelled_top();
  void compact();

  std::vector<Entry> heap_;
  std::unordered_map<EventLoop::TimerId, std::function<void()>> works_;
  EventLoop::TimerId last_id_ = 0;
};

}  // namespace penstock::io
