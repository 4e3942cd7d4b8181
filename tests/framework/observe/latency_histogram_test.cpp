// SPDX-License-Identifier: Apache-2.0
#include "framework/observe/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace penstock::observe {
namespace {

using namespace std::chrono_literals;

/// Durations whose logarithm is uniform between those of `from` and `to`.
std::vector<std::uint64_t> random_ns(std::uint64_t seed, double from, double to, std::size_t count) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(std::log(from), std::log(to));
  std::vector<std::uint64_t> all(count);
  for (std::uint64_t& ns : all) ns = static_cast<std::uint64_t>(std::exp(exponent(random)));
  return all;
}

double exact_ms(const std::vector<std::uint64_t>& sorted, double share) {
  return static_cast<double>(sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]) / 1e6;
}

TEST(LatencyHistogram, IsWithinSevenPerCentOfExactQuantiles) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    LatencyHistogram histogram;
    std::vector<std::uint64_t> all = random_ns(seed, 100, 1e10, 1 + 37 * seed);
    for (const std::uint64_t ns : all) histogram.add(Duration(ns), 1);
    std::sort(all.begin(), all.end());
    const LatencyQuantiles quantiles = histogram.quantiles();
    EXPECT_NEAR(quantiles.p50 / exact_ms(all, 0.5), 1, 0.07);
    EXPECT_NEAR(quantiles.p90 / exact_ms(all, 0.9), 1, 0.07);
    EXPECT_NEAR(quantiles.p99 / exact_ms(all, 0.99), 1, 0.07);
    EXPECT_DOUBLE_EQ(quantiles.max, exact_ms(all, 1));
  }
}

TEST(LatencyHistogram, CountsSeveralOfTheSameLengthAtOnce) {
  LatencyHistogram histogram;
  histogram.add(1ms, 90);
  histogram.add(100ms, 10);
  EXPECT_NEAR(histogram.quantiles().p50, 1, 0.07);
  EXPECT_NEAR(histogram.quantiles().p90, 1, 0.07);
  EXPECT_NEAR(histogram.quantiles().p99, 100, 7);
}

TEST(LatencyHistogram, OfNothingIsAllZero) {
  const LatencyQuantiles quantiles = LatencyHistogram().quantiles();
  EXPECT_EQ(quantiles.p50, 0);
  EXPECT_EQ(quantiles.max, 0);
}

TEST(LatencyHistogram, TakesWhatIsTooShortOrTooLong) {
  LatencyHistogram histogram;
  histogram.add(-1ns, 1);
  histogram.add(0ns, 1);
  histogram.add(std::chrono::hours(24 * 365), 1);
  EXPECT_DOUBLE_EQ(histogram.quantiles().max, 365.0 * 24 * 3600 * 1000);
  EXPECT_LT(histogram.quantiles().p50, 0.0001);
}

TEST(LatencyHistogram, NeverGivesAQuantileAboveTheGreatest) {
  for (const std::uint64_t ns : random_ns(7, 64, 1e12, 2000)) {
    LatencyHistogram histogram;
    histogram.add(Duration(ns), 1);
    EXPECT_LE(histogram.quantiles().p99, histogram.quantiles().max);
  }
}

}  // namespace
}  // namespace penstock::observe
