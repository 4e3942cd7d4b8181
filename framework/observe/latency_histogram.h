// Latencies counted in buckets of equal relative width.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "penstock/run_report.h"
#include "penstock/units.h"

namespace penstock::observe {

/// Counts durations from 64 ns to about a day in eight buckets per octave, so that a quantile is off by at most half
/// a bucket, 7 %. Thread safety: add() from any thread; quantiles() while others add sees some of them.
class LatencyHistogram {
 public:
  /// `count` observations of `each`.
  void add(Duration each, std::uint64_t count) {
    const std::uint64_t ns = each.count() > 0 ? static_cast<std::uint64_t>(each.count()) : 0;
    buckets_[bucket_of(ns)].fetch_add(count, std::memory_order_relaxed);
    raise_max(ns);
  }
  /// Adds what `other` has counted.
  void merge(const LatencyHistogram& other);
  LatencyQuantiles quantiles() const;

 private:
  static constexpr unsigned kFirstOctave = 6;  // 64 ns; shorter ones share the first bucket.
  static constexpr std::size_t kOctaves = 41;
  static constexpr std::size_t kPerOctave = 8;

  void raise_max(std::uint64_t ns) {
    std::uint64_t max = max_.load(std::memory_order_relaxed);
    while (ns > max && !max_.compare_exchange_weak(max, ns, std::memory_order_relaxed)) {
    }
  }
  static std::size_t bucket_of(std::uint64_t ns);
  static double middle_of(std::size_t bucket);

  std::array<std::atomic<std::uint64_t>, kOctaves * kPerOctave> buckets_{};
  std::atomic<std::uint64_t> max_{0};
};

}  // namespace penstock::observe
