// SIGINT and SIGTERM for a running pipeline: the first drains, the second cancels, the third ends the program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace penstock::cli {

/// Keeps both signals waiting from here on, in this thread and those that it starts, until a SignalWatcher takes them.
void hold_stop_signals();

/// Takes over both signals for its lifetime, those that are waiting first. Its thread sleeps until one arrives.
///
/// REQUIRES: it, or the call of hold_stop_signals() before it, comes before any other thread.
class SignalWatcher {
 public:
  /// Called on the watcher's thread: `signal`, and how many came so far, this one included.
  using Callback = std::function<void(int signal, int count)>;

  explicit SignalWatcher(Callback callback);
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  ~SignalWatcher();

  /// The first signal that came; 0 for none.
  int first_signal() const { return first_signal_; }

 private:
  void watch();

  Callback callback_;
  int signals_ = -1;  // signalfd
  int stop_ = -1;     // eventfd
  std::atomic<int> first_signal_ = 0;
  std::thread thread_;
};

}  // namespace penstock::cli
