// What a stage asks of its run, for a stage that runs alone: an event loop, blocking threads, counted memory.
// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/runner_services.h"

#include <algorithm>
#include <exception>
#include <future>
#include <stdexcept>
#include <utility>

namespace penstock::testing {

bool CountingAccount::try_charge(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (limit_ && used_ > 0 && used_ + bytes > *limit_) return false;
  used_ += bytes;
  peak_ = std::max(peak_, used_);
  return true;
}

void CountingAccount::release(std::uint64_t bytes) noexcept {
  bool is_last = false;
  {
    const std::lock_guard lock(mutex_);
    used_ -= bytes;
    is_last = is_abandoned_ && used_ == 0;
    if (notify_) notify_();
  }
  if (is_last) delete this;
}

std::uint64_t CountingAccount::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::uint64_t CountingAccount::peak() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

void CountingAccount::on_release(std::function<void()> notify) {
  const std::lock_guard lock(mutex_);
  notify_ = std::move(notify);
}

void CountingAccount::abandon() {
  bool is_last = false;
  {
    const std::lock_guard lock(mutex_);
    notify_ = nullptr;
    is_abandoned_ = true;
    is_last = used_ == 0;
  }
  if (is_last) delete this;
}

BlockingThreads::~BlockingThreads() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BlockingThreads::run(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  works_.push_back(std::move(work));
  if (works_.size() > idle_ && threads_.size() < count_) threads_.emplace_back([this] { work_off(); });
  changed_.notify_one();
}

void BlockingThreads::work_off() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return !works_.empty() || is_closing_; });
    --idle_;
    if (works_.empty()) return;
    std::function<void()> work = std::move(works_.front());
    works_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

RunnerServices::RunnerServices(unsigned blocking_threads, std::optional<std::uint64_t> memory_limit, ManualClock* clock)
    : account_(new CountingAccount(memory_limit)), blocking_(blocking_threads) {
  if (clock != nullptr) {
    manual_ = std::make_unique<ManualLoop>(*clock);
  } else {
    real_ = std::make_unique<io::AsioLoop>();
  }
  account_->on_release([this] { loop().post([this] { grant_waiters(); }); });
  if (real_) real_->start();
}

RunnerServices::~RunnerServices() { account_->abandon(); }

void RunnerServices::run_blocking(std::function<void()> work) {
  if (!manual_) return blocking_.run(std::move(work));
  manual_->change_outside(1);
  blocking_.run([this, work = std::move(work)] {
    work();  // What it posts is there before time may pass again.
    manual_->change_outside(-1);
  });
}

Task<MemoryCharge> RunnerServices::reserve(detail::Piece&, std::uint64_t bytes) {
  if (!waiters_.empty() || !account_->try_charge(bytes)) {
    Waiter waiter;
    waiter.bytes = bytes;
    waiters_.push_back(&waiter);
    const auto place = std::prev(waiters_.end());
    waiter.granted.on_cancel([this, place] { waiters_.erase(place); });
    co_await waiter.granted;
  }
  co_return MemoryCharge(account_, bytes);
}

void RunnerServices::grant_waiters() {
  while (!waiters_.empty() && account_->try_charge(waiters_.front()->bytes)) {
    Waiter* waiter = waiters_.front();
    waiters_.pop_front();
    waiter->granted.complete(true);
  }
}

void RunnerServices::on_loop(const std::function<void()>& work) {
  std::promise<void> done;
  loop().post([&work, &done] {
    try {
      work();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void RunnerServices::let_time_pass(const std::function<void()>& wait) {
  if (manual_) manual_->change_waiting(1);
  wait();
  if (manual_) manual_->change_waiting(-1);
}

void RunnerServices::declare(const std::vector<CounterSpec>& counters) {
  for (const CounterSpec& counter : counters) counts_.emplace(counter.name, 0);
}

void RunnerServices::count(std::string_view /*stage_name*/, std::string_view counter, std::uint64_t n) {
  const std::scoped_lock lock(counts_mutex_);
  const auto found = counts_.find(counter);
  if (found == counts_.end()) {
    throw std::logic_error("penstock: the stage declares no counter \"" + std::string(counter) + "\"");
  }
  found->second += n;
}

std::uint64_t RunnerServices::counted(std::string_view counter) const {
  const std::scoped_lock lock(counts_mutex_);
  return counts_.at(std::string(counter));
}

}  // namespace penstock::testing
