// One worker, as the program sees it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "framework/isolation/channel.h"
#include "penstock/event_loop.h"
#include "penstock/process.h"
#include "penstock/task.h"

namespace penstock::isolation {

/// A process that runs the body of one stage, one item after the other. Destroying it kills the process.
/// Event-loop thread only.
class WorkerProcess {
 public:
  /// Returns when the worker is ready. `command` is the worker program, `setup` the head that it is sent (channel.h).
  /// Throws ItemError kIsolationCannotStart. REQUIRES: `launcher` outlives it.
  static Task<std::unique_ptr<WorkerProcess>> start(EventLoop& loop, ProcessLauncher& launcher,
                                                    std::vector<std::string> command, std::string setup);

  WorkerProcess(EventLoop& loop, ProcessGroup group, Channel channel)
      : loop_(loop), group_(std::move(group)), channel_(std::move(channel)) {}

  Channel& channel() { return channel_; }
  /// Waits for what the worker says; false when it has ended instead.
  Task<bool> receive(Datagram& datagram);
  void kill() { group_.kill(); }

  /// How it ended, for messages: `signal 11 (Segmentation fault): LAST WORDS`. REQUIRES: receive() gave false, or
  /// kill().
  Task<std::string> end_text();
  /// The most memory that it ever held, beyond what it had when it was ready; 0 when that cannot be told, since the
  /// peak includes what this process had when it started it. REQUIRES: end_text() has ended.
  std::uint64_t peak_growth() const;

 private:
  EventLoop& loop_;
  ProcessGroup group_;
  Channel channel_;
  std::uint64_t memory_when_ready_ = 0;
  std::uint64_t peak_when_ready_ = 0;  // With what it inherited.
};

}  // namespace penstock::isolation
