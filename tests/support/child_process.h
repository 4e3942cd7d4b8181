// A program run as a child, its two outputs collected; what tests of the program use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace penstock::testing {

/// Nothing here waits by the clock: wait_for_error_text() and wait() return when the child did what was waited for.
class ChildProcess {
 public:
  enum class Input {
    empty,   ///< Ends at once.
    silent,  ///< Stays open; write_input() writes to it.
  };
  struct Options {
    Input input = Input::empty;
    std::map<std::string, std::string> environment;  ///< Added to the inherited one.
    bool has_terminal = false;                       ///< Standard error is a terminal of 100 columns.
  };

  /// `arguments[0]` is the path of the program.
  explicit ChildProcess(std::vector<std::string> arguments);
  ChildProcess(std::vector<std::string> arguments, Options options);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Kills the child if it still runs.
  ~ChildProcess();

  /// REQUIRES: before wait().
  pid_t id() const { return process_; }
  void write_input(const std::string& text) const;
  void close_input();
  void send_signal(int signal) const;
  /// False when the child closed its standard error without it.
  bool wait_for_error_text(const std::string& text);
  /// The exit code; 1000 + signal when a signal ended it. Outputs are complete afterwards.
  int wait();

  /// After wait().
  const std::string& output() const { return output_; }
  const std::string& error_output() const { return error_output_; }

 private:
  void read(int descriptor, std::string& text);

  pid_t process_ = -1;
  int input_ = -1;
  int exit_code_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  std::string error_output_;
  bool is_error_closed_ = false;
  std::thread output_reader_;
  std::thread error_reader_;
};

}  // namespace penstock::testing
