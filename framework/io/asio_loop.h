// The event loop of real runs: one thread that sleeps in epoll.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "penstock/event_loop.h"

namespace penstock::io {

/// An EventLoop on Asio with a thread of its own, named `penstock-loop`, between start() and stop(). All signals are
/// blocked on that thread. Nothing polls: without work it sleeps in epoll_wait.
///
/// post() costs a lock and a push; only the first work after the loop has emptied its queue wakes the thread. A regular
/// file counts as always ready, since epoll does not take it. An exception that escapes a callback ends the process.
///
/// Thread safety: as EventLoop; start() and stop() by one owner, never on the loop's thread.
class AsioLoop final : public EventLoop {
 public:
  AsioLoop();
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;
  /// Stops. Work, timers and watches that are still there are destroyed without being run.
  ~AsioLoop();

  /// Starts the thread. Work may be posted before; it runs then.
  void start();
  /// Runs what was posted before the call, then ends the thread. No-op when it does not run. May be started again.
  void stop();
  bool is_loop_thread() const;

  TimePoint now() const override;
  void post(std::function<void()> work) override;
  TimerId call_at(TimePoint when, std::function<void()> work) override;
  void cancel_timer(TimerId id) override;
  /// Throws std::system_error when the descriptor cannot be watched.
  WatchId watch(int descriptor, Readiness direction, std::function<void()> work) override;
  void unwatch(WatchId id) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::io
