// The thread that starts processes, and lives as long as they may.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace penstock::io {

/// Runs jobs one after the other on one thread. The kernel kills a process that has asked for it when the thread that
/// started it ends, not when the whole process does: hence one thread that is kept.
///
/// Thread safety: run() from any thread. Destroying it runs what is queued, then ends the thread.
class SpawnThread {
 public:
  SpawnThread();
  SpawnThread(const SpawnThread&) = delete;
  SpawnThread& operator=(const SpawnThread&) = delete;
  ~SpawnThread();

  void run(std::function<void()> job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace penstock::io
