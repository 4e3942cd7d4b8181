// SPDX-License-Identifier: Apache-2.0
#include "framework/observe/stage_counters.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace penstock::observe {
namespace {

constexpr std::uint64_t kTimes = 50'000;

template <class Work>
void on_threads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

TEST(Counter, SumsExactlyWhatEightThreadsAdd) {
  Counter counter;
  on_threads(8, [&] {
    for (std::uint64_t i = 1; i <= kTimes; ++i) counter.add(i);
  });
  EXPECT_EQ(counter.sum(), 8 * (kTimes * (kTimes + 1) / 2));
}

TEST(Counter, SumsExactlyWhatMoreThreadsThanCellsAdd) {
  Counter counter;
  on_threads(2 * Counter::kCells + 3, [&] {
    for (std::uint64_t i = 0; i < kTimes / 10; ++i) counter.add(1);
  });
  EXPECT_EQ(counter.sum(), (2 * Counter::kCells + 3) * (kTimes / 10));
}

TEST(StageCounters, SumExactlyWhatEightThreadsAdd) {
  StageCounters counters;
  on_threads(8, [&] {
    for (std::uint64_t i = 0; i < kTimes; ++i) {
      counters.flow().in.fetch_add(1, std::memory_order_relaxed);
      counters.flow().bytes_out.fetch_add(3, std::memory_order_relaxed);
      counters.failed.fetch_add(1, std::memory_order_relaxed);
    }
  });
  StageReport report;
  counters.fill(report);
  EXPECT_EQ(report.in, 8 * kTimes);
  EXPECT_EQ(report.bytes_out, 24 * kTimes);
  EXPECT_EQ(report.failed, 8 * kTimes);
}

TEST(StageCounters, RememberThePeakInFlight) {
  StageCounters counters;
  counters.enter(3);
  counters.enter(4);
  counters.leave(5);
  counters.enter(1);
  StageReport report;
  counters.fill(report);
  EXPECT_EQ(report.in_flight, 3U);
  EXPECT_EQ(report.peak_in_flight, 7U);
}

TEST(StageCounters, TellThePresenceThatTheyShare) {
  StageCounters first;
  StageCounters second;
  second.share_presence(first);
  first.enter(5);
  first.leave(2);
  StageReport report;
  second.fill(report);
  EXPECT_EQ(report.in_flight, 3U);
  EXPECT_EQ(report.peak_in_flight, 5U);
}

TEST(StageCounters, MergeTheLatenciesOfAllThreads) {
  StageCounters counters;
  std::atomic<int> thread{0};
  on_threads(8, [&] { counters.flow().latency.add(std::chrono::milliseconds(1 + thread++), 10); });
  StageReport report;
  counters.fill(report);
  EXPECT_NEAR(report.latency_ms.p50, 4, 0.4);
  EXPECT_DOUBLE_EQ(report.latency_ms.max, 8);
}

TEST(StageCounters, TurnBusyTimeIntoSeconds) {
  StageCounters counters;
  counters.flow().busy_ns.fetch_add(1'500'000'000, std::memory_order_relaxed);
  StageReport report;
  counters.fill(report);
  EXPECT_DOUBLE_EQ(report.busy_seconds, 1.5);
}

}  // namespace
}  // namespace penstock::observe
