// Child processes on the event loop: started without fork, waited for without polling, ended without leftovers.
//
//     ProcessLauncher launcher(context.loop());  // In open(): one for each stage.
//     ProcessOptions options{.commands = {{"sort", "-u"}}, .input = ProcessOptions::Input::pipe};
//     ProcessGroup group = co_await launcher.start(std::move(options));
//     … write to group.input(), read from group.output(), as the loop finds them ready …
//     std::vector<ProcessStatus> ended = co_await group.wait();
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/event_loop.h"
#include "penstock/export.h"
#include "penstock/task.h"
#include "penstock/units.h"

namespace penstock {

/// How a process ended.
struct ProcessStatus {
  int code = 0;    ///< Its exit code; 0 when a signal ended it.
  int signal = 0;  ///< The signal that ended it; 0 when none did.

  friend bool operator==(const ProcessStatus&, const ProcessStatus&) = default;
};

/// What to start. Nothing here ever reaches a shell.
struct ProcessOptions {
  enum class Input {
    none,   ///< Empty: /dev/null.
    pipe,   ///< ProcessGroup::input() is the other end.
    given,  ///< `given_input`.
  };
  enum class Output {
    discard,  ///< /dev/null.
    pipe,     ///< ProcessGroup::output() is the other end.
  };

  /// The arguments of each process, its program first: a path, or a name that is looked up in PATH. The output of each
  /// is the input of the next one, through a pipe of the kernel. REQUIRES: at least one; none without arguments; no
  /// NUL characters.
  std::vector<std::vector<std::string>> commands;
  /// Added to the environment of this process.
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::string folder = {};  ///< Where they run; empty: where this process does.
  Input input = Input::none;
  int given_input = -1;  ///< Open until start() has ended; stays the caller's.
  Output output = Output::pipe;
};

/// Processes that were started together, in a process group of their own.
///
/// When the last of them has ended, what they have left running in their group is killed; only then are they reaped, so
/// that no signal ever meets a stranger. Destroying the group kills what still runs and has it reaped.
///
/// Every descriptor is non-blocking and closed on exec. SIGPIPE is of no concern: the loop's thread has all signals
/// blocked, so that a write to a process that no longer reads gives EPIPE.
///
/// Thread safety: event-loop thread only.
class PENSTOCK_API ProcessGroup {
 public:
  struct State;
  explicit ProcessGroup(std::unique_ptr<State> state);
  ProcessGroup(ProcessGroup&&) noexcept;
  ProcessGroup& operator=(ProcessGroup&&) noexcept;
  ~ProcessGroup();

  /// Standard input of the first process and standard output of the last one; -1 without a pipe, or when it is closed.
  int input() const;
  int output() const;
  /// The other side sees the end, or a broken pipe. REQUIRES: nobody watches the descriptor.
  void close_input();
  void close_output();

  bool has_ended() const;
  /// Calls `work` when all have ended; in place of an earlier one. Empty: nobody is called. REQUIRES: !has_ended().
  void on_end(std::function<void()> work);

  /// Waits until all have ended; how they did, in the order of the commands. Their output may still be in the pipe.
  /// Throws std::system_error when one of the programs could not be executed.
  Task<std::vector<ProcessStatus>> wait();
  /// Closes the pipes, sends SIGTERM to the group, and SIGKILL when not all have ended after `kill_after`; returns when
  /// they have. Goes on when the operation is stopped. REQUIRES: nobody watches the descriptors.
  Task<std::vector<ProcessStatus>> terminate(Duration kill_after);

  /// Sends SIGKILL to the group. They are reaped as when they end by themselves.
  void kill();
  /// The most memory that one of them had, in bytes. A process counts what its parent had when it was started.
  /// REQUIRES: has_ended().
  std::uint64_t peak_memory() const;

  /// The last 4 KiB that they have written to standard error, without the end of the last line.
  std::string error_text() const;

 private:
  std::unique_ptr<State> state_;
};

/// Starts processes with posix_spawn(), on a thread of its own that lives as long as it does. They are killed when this
/// process ends, however it ends (PR_SET_PDEATHSIG); a process that they have started may survive that.
///
/// REQUIRES: it outlives its groups. Thread safety: event-loop thread only.
class PENSTOCK_API ProcessLauncher {
 public:
  explicit ProcessLauncher(EventLoop& loop);
  ProcessLauncher(const ProcessLauncher&) = delete;
  ProcessLauncher& operator=(const ProcessLauncher&) = delete;
  ~ProcessLauncher();

  /// Throws std::system_error when a program is not found or the system has no room for more processes; none of them
  /// runs then. Not interrupted when the operation is stopped.
  Task<ProcessGroup> start(ProcessOptions options);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock
