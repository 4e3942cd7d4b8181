// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/blocking_threads.h"

#include <pthread.h>

#include <system_error>
#include <utility>

namespace penstock::runtime {

void BlockingThreads::run(std::function<void()> job) {
  const std::scoped_lock lock(mutex_);
  if (is_finishing_) return;
  jobs_.push_back(std::move(job));
  if (jobs_.size() > idle_ && threads_.size() < limit_) {
    try {
      threads_.emplace_back([this] { work(); });
      return;
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;  // Otherwise those that there are do it.
    }
  }
  ready_.notify_one();
}

void BlockingThreads::work() {
  pthread_setname_np(pthread_self(), "penstock-block");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return !jobs_.empty() || is_finishing_; });
    --idle_;
    if (jobs_.empty()) return;
    const std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

void BlockingThreads::finish() {
  {
    const std::scoped_lock lock(mutex_);
    is_finishing_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace penstock::runtime
