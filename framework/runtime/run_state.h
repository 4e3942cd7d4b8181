// One run: its segments, its limits, its flags, and what the segments need of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/graph/graph.h"
#include "framework/runtime/budget.h"
#include "framework/runtime/emitter.h"
#include "framework/runtime/executor.h"
#include "framework/runtime/segment.h"
#include "framework/runtime/set_aside.h"
#include "penstock/run.h"
#include "penstock/run_report.h"
#include "penstock/stage_context.h"

namespace penstock::runtime {

/// Item numbers that a source has taken and not used yet. Gaps do no harm.
struct ItemNumbers {
  std::uint64_t next = 0;
  std::uint64_t end = 0;
};

/// Life: constructed (bodies made) → start() (bodies opened, sources started) → … → over (every segment closed).
///
/// Stillness: `motion_` counts everything that will go on by itself: messages on their way to a node, bodies and
/// coroutines at work (but not those that wait for memory), pending retries, running pumps. When it falls to 0 with
/// somebody waiting for a limit, room is made for the oldest of them, or it is let through (resolve_stillness), so that
/// a limit can slow a run but never stop it.
///
/// Thread safety: every member from any thread unless it says else.
class RunState final : public detail::RunServices {
 public:
  RunState(std::shared_ptr<const graph::Graph> graph, RunOptions options, std::unique_ptr<Executor> executor);
  ~RunState();

  /// Opens every body, then starts the sources; returns then. A body that does not open ends the run.
  void start();
  /// Until the run is over; then checks the equation, which aborts the process when violated, and makes the report.
  const RunReport& wait();
  void drain();
  void cancel();
  Progress progress() const;
  /// Every segment is closed: wait() returns at once.
  bool is_over() const;

  // --- For segments ---

  const graph::Graph& graph() const { return *graph_; }
  Executor& executor() { return *executor_; }
  Budget& budget() { return *budget_; }
  AsideStore& aside_store() { return aside_store_; }
  bool is_cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }
  bool is_stopping() const { return stopping_.load(std::memory_order_acquire); }

  void begin_motion() { motion_.fetch_add(1, std::memory_order_relaxed); }
  void end_motion() {
    if (motion_.fetch_sub(1, std::memory_order_acq_rel) == 1) resolve_stillness();
  }
  /// Puts a message to a node; it counts as motion until the node has worked on it.
  void put(Node& node, Bunch* message) {
    begin_motion();
    executor_->put(node, message);
  }

  /// Numbers a new item and makes it expected by the ordered stages that it can reach. `numbers` are kept by the
  /// source, which counts what it admits with count_admitted().
  void admit(RunLease& lease, const std::vector<OrderTracker*>& reach, ItemNumbers& numbers) {
    if (!reach.empty()) return admit_in_order(lease, reach);
    if (numbers.next == numbers.end) take_numbers(numbers);
    lease.number(numbers.next++);
  }
  void count_admitted(std::uint64_t items) { admitted_.fetch_add(items, std::memory_order_relaxed); }
  /// The same for the item that a stage emits at its end, which no source has announced.
  void admit_last(RunLease& lease, const std::vector<OrderTracker*>& reach);
  void settle(const Settlement& settlement);
  void record_failure(const Piece& piece, const StageRun& stage);
  /// Ends the run early: the first reason counts.
  void abort(AbortReason reason);
  /// Tells the host that a stage has closed.
  void tell_drained(const StageRun& stage);
  void segment_closed();
  /// Calls `work` after the delay, or as soon as the run is cancelled. Event-loop thread only.
  void wait_for_retry(Duration delay, std::function<void()> work);

  // --- RunServices ---

  EventLoop& loop() override { return executor_->loop(); }
  void run_blocking(std::function<void()> work) override { executor_->run_blocking(std::move(work)); }
  void run_parallel(const std::function<void()>& work) override { executor_->run_parallel(work); }
  Task<MemoryCharge> reserve(detail::Piece& piece, std::uint64_t bytes) override;
  void count(std::string_view stage_name, std::string_view counter, std::uint64_t n) override;

 private:
  class MemoryWait;

  void admit_in_order(RunLease& lease, const std::vector<OrderTracker*>& reach);
  void take_numbers(ItemNumbers& numbers) {
    numbers.next = sequence_.fetch_add(kBunchCapacity, std::memory_order_relaxed);
    numbers.end = numbers.next + kBunchCapacity;
  }
  bool open_bodies();
  void close_bodies(std::size_t count);
  void resolve_stillness();
  /// False: nobody waits who could be.
  bool let_one_on();
  bool set_aside_youngest();
  void stop_sources();
  void end();
  void make_report();
  void fire_retries();
  template <class Report>
  void fill(Report& report) const;

  std::shared_ptr<const graph::Graph> graph_;
  RunOptions options_;
  std::unique_ptr<Executor> executor_;
  struct Disown {
    void operator()(Budget* budget) const noexcept { budget->disown(); }
  };
  std::unique_ptr<Budget, Disown> budget_;
  AsideStore aside_store_;
  std::vector<std::unique_ptr<StageRun>> stages_;
  std::vector<std::unique_ptr<Segment>> segments_;  // In topological order.

  std::atomic<bool> cancelled_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> motion_{1};    // One for start().
  std::atomic<std::uint64_t> sequence_{0};  // Next number of an item.
  std::atomic<std::uint64_t> admitted_{0};
  std::mutex admission_mutex_;  // Numbers an item and makes it expected in one step.
  std::array<std::atomic<std::uint64_t>, 4> settled_{};
  std::atomic<std::uint64_t> segments_open_{0};

  mutable std::mutex mutex_;  // Guards what follows.
  std::optional<AbortReason> abort_;
  std::optional<std::uint64_t> total_;
  bool is_draining_ = false;
  std::map<std::pair<std::string, std::string>, ErrorSummary> errors_;
  TimePoint started_{};
  TimePoint ended_{};
  bool is_over_ = false;
  std::mutex failure_mutex_;  // One call of on_failure at a time.
  std::mutex drained_mutex_;  // One call of on_drained at a time.
  std::mutex wait_mutex_;
  std::optional<RunReport> report_;

  std::uint64_t next_retry_ = 0;  // Event-loop thread only, as the next.
  std::map<std::uint64_t, std::pair<EventLoop::TimerId, std::function<void()>>> retries_;
};

}  // namespace penstock::runtime
