// SPDX-License-Identifier: Apache-2.0
#include "framework/observe/latency_histogram.h"

#include <algorithm>
#include <bit>

namespace penstock::observe {

std::size_t LatencyHistogram::bucket_of(std::uint64_t ns) {
  if (ns < (std::uint64_t{1} << kFirstOctave)) return 0;
  const unsigned octave = static_cast<unsigned>(std::bit_width(ns)) - 1;
  if (octave >= kFirstOctave + kOctaves) return std::size_t{kOctaves} * kPerOctave - 1;
  const auto within = static_cast<unsigned>((ns >> (octave - 3)) & (kPerOctave - 1));
  return std::size_t{octave - kFirstOctave} * kPerOctave + within;
}

double LatencyHistogram::middle_of(std::size_t bucket) {
  const auto octave = static_cast<unsigned>(bucket / kPerOctave) + kFirstOctave;
  const double low = static_cast<double>(std::uint64_t{1} << octave);
  return low * (1.0 + (static_cast<double>(bucket % kPerOctave) + 0.5) / kPerOctave);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    buckets_[i].fetch_add(other.buckets_[i].load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  raise_max(other.max_.load(std::memory_order_relaxed));
}

LatencyQuantiles LatencyHistogram::quantiles() const {
  std::array<std::uint64_t, std::size_t{kOctaves} * kPerOctave> counts{};
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) total += counts[i] = buckets_[i].load(std::memory_order_relaxed);
  if (total == 0) return {};
  const double max = static_cast<double>(max_.load(std::memory_order_relaxed));
  const auto at = [&](double share) {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      seen += counts[i];
      if (seen >= wanted) return std::min(middle_of(i), max) / 1e6;
    }
    return max / 1e6;
  };
  return {.p50 = at(0.5), .p90 = at(0.9), .p99 = at(0.99), .max = max / 1e6};
}

}  // namespace penstock::observe
