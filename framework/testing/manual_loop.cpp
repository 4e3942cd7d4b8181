// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/manual_loop.h"

#include <algorithm>
#include <stdexcept>

namespace penstock::testing {

ManualLoop::ManualLoop(ManualClock& clock) : clock_(clock), thread_([this] { run(); }) {}

ManualLoop::~ManualLoop() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ManualLoop::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  changed_.notify_one();
}

EventLoop::TimerId ManualLoop::call_at(TimePoint when, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  const TimerId id = ++last_id_;
  timers_.emplace(std::pair(when, id), std::move(work));
  due_.emplace(id, when);
  return id;
}

void ManualLoop::cancel_timer(TimerId id) {
  const std::lock_guard lock(mutex_);
  const auto entry = due_.find(id);
  if (entry == due_.end()) return;
  timers_.erase({entry->second, id});
  due_.erase(entry);
}

EventLoop::WatchId ManualLoop::watch(int, Readiness, std::function<void()>) {
  throw std::logic_error("a stage on a manual clock cannot watch descriptors");
}

void ManualLoop::change_waiting(int change) {
  {
    const std::lock_guard lock(mutex_);
    waiting_ += change;
  }
  changed_.notify_one();
}

void ManualLoop::change_outside(int change) {
  {
    const std::lock_guard lock(mutex_);
    outside_ += change;
  }
  changed_.notify_one();
}

void ManualLoop::run() {
  std::unique_lock lock(mutex_);
  const auto time_may_pass = [this] { return waiting_ > 0 && outside_ == 0 && !timers_.empty(); };
  for (;;) {
    changed_.wait(lock, [&] { return !posted_.empty() || is_ending_ || time_may_pass(); });
    std::function<void()> work;
    if (!posted_.empty()) {
      work = std::move(posted_.front());
      posted_.pop_front();
    } else if (is_ending_) {
      return;
    } else {
      auto timer = timers_.extract(timers_.begin());
      due_.erase(timer.key().second);
      clock_.elapsed_.store(std::max(clock_.elapsed(), timer.key().first.time_since_epoch()).count(),
                            std::memory_order_release);
      work = std::move(timer.mapped());
    }
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace penstock::testing
