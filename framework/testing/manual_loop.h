// An event loop on a ManualClock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "penstock/event_loop.h"
#include "penstock/testing/manual_clock.h"

namespace penstock::testing {

/// A thread that does what is posted. When nothing is posted, nothing that may post is at work elsewhere, and somebody
/// waits, it sets the clock to the next timer and runs it. Descriptors cannot be watched.
///
/// Thread safety: as EventLoop; the members of its own from any thread.
class ManualLoop final : public EventLoop {
 public:
  /// `clock` outlives the loop.
  explicit ManualLoop(ManualClock& clock);
  ManualLoop(const ManualLoop&) = delete;
  ManualLoop& operator=(const ManualLoop&) = delete;
  /// Runs what is posted, then ends. Timers that are left are forgotten.
  ~ManualLoop();

  TimePoint now() const override { return clock_.now(); }
  void post(std::function<void()> work) override;
  TimerId call_at(TimePoint when, std::function<void()> work) override;
  void cancel_timer(TimerId id) override;
  WatchId watch(int descriptor, Readiness direction, std::function<void()> work) override;
  void unwatch(WatchId) override {}

  /// Somebody waits (+1), or does no longer (-1): time may pass.
  void change_waiting(int change);
  /// Something that may post begins (+1) or ends (-1) outside of the loop: time stands still.
  void change_outside(int change);

 private:
  void run();

  ManualClock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
  std::map<std::pair<TimePoint, TimerId>, std::function<void()>> timers_;
  std::map<TimerId, TimePoint> due_;
  TimerId last_id_ = 0;
  int waiting_ = 0;
  int outside_ = 0;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace penstock::testing
