// SPDX-License-Identifier: Apache-2.0
#include "framework/io/spawn_thread.h"

#include <pthread.h>

#include <utility>

namespace penstock::io {

SpawnThread::SpawnThread()
    : thread_([this] {
        pthread_setname_np(pthread_self(), "penstock-spawn");
        work();
      }) {}

SpawnThread::~SpawnThread() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void SpawnThread::run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void SpawnThread::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace penstock::io
