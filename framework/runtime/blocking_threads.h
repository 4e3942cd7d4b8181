// Threads that may block: bodies of blocking stages, file operations, sources that read files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace penstock::runtime {

/// Runs jobs on up to `limit` threads, made when they are first needed and kept. Thread safety: run() from any thread.
class BlockingThreads {
 public:
  explicit BlockingThreads(std::size_t limit) : limit_(limit) {}
  BlockingThreads(const BlockingThreads&) = delete;
  BlockingThreads& operator=(const BlockingThreads&) = delete;
  ~BlockingThreads() { finish(); }

  void run(std::function<void()> job);
  /// Runs what is queued, then ends the threads. Later jobs are refused silently.
  void finish();

 private:
  void work();

  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  std::size_t idle_ = 0;
  bool is_finishing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace penstock::runtime
