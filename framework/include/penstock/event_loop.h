// The event loop that waiting stages share: timers, descriptors, posted work.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "penstock/export.h"
#include "penstock/task.h"
#include "penstock/units.h"

namespace penstock {

/// A point on the run's monotonic clock. Under test the clock is manual and time passes only when nothing else can.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// `delay` after `time`, or the end of time when that is later than the clock can say.
inline TimePoint time_after(TimePoint time, Duration delay) {
  return delay > TimePoint::max() - time ? TimePoint::max() : time + delay;
}

enum class Readiness { readable, writable };

/// One thread that runs callbacks and coroutines, one at a time. Nothing on it may block or compute for long.
///
/// Thread safety: post() and now() from any thread; everything else on the loop's own thread only.
class PENSTOCK_API EventLoop {
 public:
  using TimerId = std::uint64_t;  ///< Never 0.
  using WatchId = std::uint64_t;  ///< Never 0.

  virtual TimePoint now() const = 0;
  /// Runs `work` on the loop, in the order of posting, never before post() returns.
  virtual void post(std::function<void()> work) = 0;
  /// Runs `work` once at or after `when`. cancel_timer() is a no-op for a timer that has run.
  virtual TimerId call_at(TimePoint when, std::function<void()> work) = 0;
  virtual void cancel_timer(TimerId id) = 0;
  /// Calls `work` each time that `descriptor` is ready, level-triggered, until unwatch(). The caller owns the
  /// descriptor and keeps it open until unwatch(). One watch per descriptor and direction.
  virtual WatchId watch(int descriptor, Readiness direction, std::function<void()> work) = 0;
  virtual void unwatch(WatchId id) = 0;

  /// Awaitables on top of the above; cancelled by the Operation that the coroutine runs under.
  Task<void> sleep_for(Duration delay);
  Task<void> ready(int descriptor, Readiness direction);

 protected:
  ~EventLoop() = default;
};

}  // namespace penstock
