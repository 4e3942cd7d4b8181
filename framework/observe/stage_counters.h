// What the runtime counts about one stage while it runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "framework/observe/latency_histogram.h"
#include "penstock/run_report.h"

namespace penstock::observe {

/// A sum that many threads add to and few read: each thread adds to a cache line that few others use.
class Counter {
 public:
  void add(std::uint64_t n) { cells_[this_thread_cell()].value.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t sum() const {
    std::uint64_t total = 0;
    for (const Cell& cell : cells_) total += cell.value.load(std::memory_order_relaxed);
    return total;
  }

  static constexpr std::size_t kCells = 8;
  /// Threads are numbered as they first count something.
  static std::size_t this_thread_cell() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t kCell = next.fetch_add(1, std::memory_order_relaxed) % kCells;
    return kCell;
  }

 private:
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Cell, kCells> cells_;
};

/// What changes with every strip of pieces, kept apart for each thread.
struct alignas(64) FlowCells {
  std::atomic<std::uint64_t> in{0};
  std::atomic<std::uint64_t> out{0};
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> busy_ns{0};
  LatencyHistogram latency;
};

/// The sums of what a stage counts itself.
class OwnCounters {
 public:
  explicit OwnCounters(std::size_t count) : sums_(count) {}
  void add(std::size_t counter, std::uint64_t n) { sums_[counter].add(n); }
  std::uint64_t sum(std::size_t counter) const { return sums_[counter].sum(); }

 private:
  std::vector<Counter> sums_;
};

/// The counters of one stage. Thread safety: adding from any thread; fill() while others add sees some of it.
class StageCounters {
 public:
  FlowCells& flow() { return flow_[Counter::this_thread_cell()]; }

  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> cancelled{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> stalled_batches{0};
  std::atomic<std::uint64_t> waiting{0};

  /// Pieces are in this stage exactly while they are in `other`, which alone counts them. REQUIRES: `other` lives as
  /// long; called before anything is counted.
  void share_presence(const StageCounters& other) { presence_ = &other; }
  void enter(std::uint64_t n) {
    const std::uint64_t now = in_flight_.fetch_add(n, std::memory_order_relaxed) + n;
    std::uint64_t peak = peak_in_flight_.load(std::memory_order_relaxed);
    while (now > peak && !peak_in_flight_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
  }
  void leave(std::uint64_t n) { in_flight_.fetch_sub(n, std::memory_order_relaxed); }

  /// Sets everything but name and type.
  void fill(StageReport& report) const {
    LatencyHistogram latency;
    for (const FlowCells& cells : flow_) {
      latency.merge(cells.latency);
      report.in += cells.in.load(std::memory_order_relaxed);
      report.out += cells.out.load(std::memory_order_relaxed);
      report.bytes_in += cells.bytes_in.load(std::memory_order_relaxed);
      report.bytes_out += cells.bytes_out.load(std::memory_order_relaxed);
      report.busy_seconds += static_cast<double>(cells.busy_ns.load(std::memory_order_relaxed)) / 1e9;
    }
    report.dropped = dropped.load(std::memory_order_relaxed);
    report.failed = failed.load(std::memory_order_relaxed);
    report.handled = handled.load(std::memory_order_relaxed);
    report.cancelled = cancelled.load(std::memory_order_relaxed);
    report.retries = retries.load(std::memory_order_relaxed);
    report.stalled_batches = stalled_batches.load(std::memory_order_relaxed);
    report.waiting = waiting.load(std::memory_order_relaxed);
    report.in_flight = presence_->in_flight_.load(std::memory_order_relaxed);
    report.peak_in_flight = presence_->peak_in_flight_.load(std::memory_order_relaxed);
    report.latency_ms = latency.quantiles();
  }

 private:
  std::array<FlowCells, Counter::kCells> flow_;
  const StageCounters* presence_ = this;
  std::atomic<std::uint64_t> in_flight_{0};
  std::atomic<std::uint64_t> peak_in_flight_{0};
};

}  // namespace penstock::observe
