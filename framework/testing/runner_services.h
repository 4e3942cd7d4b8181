// What a stage asks of its run, for a stage that runs alone: an event loop, blocking threads, counted memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "framework/io/asio_loop.h"
#include "framework/testing/manual_loop.h"
#include "penstock/memory.h"
#include "penstock/stage_context.h"
#include "penstock/stage_spec.h"

namespace penstock::testing {

/// Counts charged bytes against an optional limit. Frees itself when its owner has let go of it and the last charge is
/// gone, so that payloads may outlive the runner. Thread safety: any thread; wait lists on the loop only.
class CountingAccount final : public MemoryAccount {
 public:
  explicit CountingAccount(std::optional<std::uint64_t> limit) : limit_(limit) {}

  /// Charges the bytes if they fit, or if nothing is charged.
  bool try_charge(std::uint64_t bytes);
  void release(std::uint64_t bytes) noexcept override;
  std::uint64_t used() const;
  std::uint64_t peak() const;
  /// Called after each release, on the releasing thread; with an empty function: no more.
  void on_release(std::function<void()> notify);
  /// Gives up ownership.
  void abandon();

 private:
  ~CountingAccount() = default;

  mutable std::mutex mutex_;
  const std::optional<std::uint64_t> limit_;
  std::uint64_t used_ = 0;
  std::uint64_t peak_ = 0;
  bool is_abandoned_ = false;
  std::function<void()> notify_;
};

/// A few threads that may block, started when work comes. Destroying it waits for the work that it has.
class BlockingThreads {
 public:
  explicit BlockingThreads(unsigned count) : count_(count == 0 ? 1 : count) {}
  ~BlockingThreads();
  void run(std::function<void()> work);

 private:
  void work_off();

  const unsigned count_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> works_;
  unsigned idle_ = 0;
  bool is_closing_ = false;
  std::vector<std::thread> threads_;
};

class RunnerServices final : public detail::RunServices {
 public:
  /// Without a clock time is real.
  RunnerServices(unsigned blocking_threads, std::optional<std::uint64_t> memory_limit, ManualClock* clock);
  ~RunnerServices();

  EventLoop& loop() override { return manual_ ? static_cast<EventLoop&>(*manual_) : *real_; }
  void run_blocking(std::function<void()> work) override;
  void run_parallel(const std::function<void()>& work) override { work(); }
  Task<MemoryCharge> reserve(detail::Piece& piece, std::uint64_t bytes) override;
  bool is_cancelled() const override { return is_cancelled_.load(std::memory_order_acquire); }

  void count(std::string_view stage_name, std::string_view counter, std::uint64_t n) override;

  /// What is counted must have been declared.
  void declare(const std::vector<CounterSpec>& counters);
  std::uint64_t counted(std::string_view counter) const;
  void cancel() { is_cancelled_.store(true, std::memory_order_release); }
  const CountingAccount& account() const { return *account_; }
  /// Runs `work` on the loop and waits for it; rethrows what it throws.
  void on_loop(const std::function<void()>& work);
  /// Calls `wait`, which waits for something on the loop; meanwhile a manual clock goes.
  void let_time_pass(const std::function<void()>& wait);

 private:
  struct Waiter {
    std::uint64_t bytes;
    Completion<> granted;
  };
  void grant_waiters();

  CountingAccount* account_;    // Owns itself once abandoned.
  std::list<Waiter*> waiters_;  // Event loop only.
  std::atomic<bool> is_cancelled_ = false;
  mutable std::mutex counts_mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;  // By what is declared.
  std::unique_ptr<io::AsioLoop> real_;                        // One of the two.
  std::unique_ptr<ManualLoop> manual_;
  BlockingThreads blocking_;  // Its work posts to the loop: destroyed first.
};

}  // namespace penstock::testing
