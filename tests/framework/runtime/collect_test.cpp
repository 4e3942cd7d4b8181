// Many items into one: whose tokens, when, and how the members end.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr std::uint64_t kSeeds = 20;
constexpr ErrorCode kBad{"test.bad", "It is bad."};

std::int64_t size_of(const std::vector<std::int64_t>& numbers) { return static_cast<std::int64_t>(numbers.size()); }

TEST(Collect, MakesFullBatchesAndAPartialOneAtTheEnd) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> sizes;
    LambdaGraph graph;
    graph.numbers("in", 10);
    graph.collect("batches", 4, size_of);
    graph.sink("out", sizes);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_THAT(sizes, ElementsAre(4, 4, 2));
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 10, .done = 10}));
    EXPECT_EQ(stage_of(report, "batches").stalled_batches, 0U);
  });
}

TEST(Collect, HoldsTheTokensOfItsMembers) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::int64_t emitted = 0;
    std::int64_t finished = 0;
    std::int64_t most = 0;
    LambdaGraph graph;
    graph.items(3).source("in", [&](StageContext&) -> std::optional<SourceItem> {
      if (emitted == 30) return std::nullopt;
      most = std::max(most, ++emitted - finished);
      return LambdaGraph::number_item(emitted);
    });
    graph.collect("batches", 3, size_of);
    graph.serial("out", [&](std::int64_t members, StageContext&) { finished += members; });
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 30U);
    EXPECT_EQ(most, 3);
  });
}

TEST(Collect, GivesOutAPartialBatchWhenTheRunWouldStandStill) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> sizes;
    LambdaGraph graph;
    graph.items(2).numbers("in", 10);
    graph.collect("batches", 4, size_of);
    graph.sink("out", sizes);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_THAT(sizes, ElementsAre(2, 2, 2, 2, 2));
    EXPECT_EQ(stage_of(report, "batches").stalled_batches, 5U);
  });
}

TEST(Collect, GivesOutAPartialBatchWhenMemoryIsShort) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    // Each number needs the whole budget while it is on its way to the batch.
    LambdaGraph graph;
    graph.memory(100).numbers("in", 6);
    graph.async("reserves", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      const MemoryCharge charge = co_await context.reserve(100);
      co_await context.sleep_for(1ms);
      co_return n;
    });
    graph.collect("batches", 4, size_of);
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 6U);
  });
}

/// Sizes of the batches that numbers coming at `times` make, and when each left.
std::vector<std::pair<std::int64_t, Duration>> batches_of(std::uint64_t seed, std::vector<Duration> times,
                                                          std::size_t members, Duration delay) {
  std::vector<std::pair<std::int64_t, Duration>> batches;
  std::optional<TimePoint> start;
  LambdaGraph graph;
  graph.async_source("in", [&](SourceOutput& output, StageContext& context) -> Task<void> {
    start = context.loop().now();
    for (std::size_t i = 0; i < times.size(); ++i) {
      co_await context.sleep_for(*start + times[i] - context.loop().now());
      SourceItem item = LambdaGraph::number_item(static_cast<std::int64_t>(i));
      co_await output.emit(std::move(item));
    }
  });
  graph.collect("batches", members, size_of, delay);
  graph.serial("out", [&](std::int64_t size, StageContext& context) {
    batches.emplace_back(size, std::chrono::duration_cast<std::chrono::seconds>(context.loop().now() - *start));
  });
  EXPECT_EQ(run_on_stepper(graph, seed).items.done, times.size());
  return batches;
}
using Batch = std::pair<std::int64_t, Duration>;

TEST(Collect, GivesOutWhatHasWaitedForTheLongestTimeAllowed) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    EXPECT_THAT(batches_of(seed, {1s, 3s, 20s}, 3, 5s), ElementsAre(Batch(2, 6s), Batch(1, 20s)));
  });
}

TEST(Collect, MeasuresTheDelayFromTheFirstMemberOfEachBatch) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    // The timer of the first batch, which is full at 2 s, rings at 6 s, when the second is 3 s old.
    EXPECT_THAT(batches_of(seed, {1s, 2s, 3s, 30s}, 2, 5s), ElementsAre(Batch(2, 2s), Batch(1, 8s), Batch(1, 30s)));
  });
}

TEST(Collect, ADelayNeverHoldsUpTheEnd) {
  for_seeds(kSeeds, [](std::uint64_t seed) { EXPECT_THAT(batches_of(seed, {1s}, 2, 1h), ElementsAre(Batch(1, 1s))); });
}

TEST(Collect, EmptiesNestedCollectorsWhenTheRunWouldStandStill) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(2).numbers("in", 11);
    graph.collect("small", 3);
    graph.collect("large", 3);
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 11U);
  });
}

/// Outcomes of 6 numbers of which 0, 1, 2 make one batch and 3, 4, 5 another, when `ends` meets the batches.
template <class F>
ItemCounts outcomes(std::uint64_t seed, F ends) {
  LambdaGraph graph;
  graph.numbers("in", 6);
  graph.serial("orders", [](std::int64_t n, StageContext&) { return n; }).ordered();
  graph.collect("batches", 3).ordered();
  graph.transform("ends", ends);
  return run_on_stepper(graph, seed).items;
}

TEST(Collect, ABatchThatFailsFailsAllItsMembers) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto fails = [](std::int64_t sum, StageContext&) {
      if (sum == 3) throw ItemError(kBad);
      return sum;
    };
    EXPECT_EQ(outcomes(seed, fails), (ItemCounts{.admitted = 6, .done = 3, .failed = 3}));
  });
}

TEST(Collect, ABatchThatIsDroppedDropsAllItsMembers) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto drops = [](std::int64_t sum, StageContext& context) -> Maybe<std::int64_t> {
      if (sum == 3) return context.drop("three");
      return sum;
    };
    EXPECT_EQ(outcomes(seed, drops), (ItemCounts{.admitted = 6, .done = 3, .dropped = 3}));
  });
}

TEST(Collect, AMemberWhoseOtherPieceFailedFailsThoughTheBatchIsDone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 6);
    graph.collect("batches", 3).from("in");
    graph
        .transform("fails",
                   [](std::int64_t n, StageContext&) {
                     if (n == 4) throw ItemError(kBad);
                     return n;
                   })
        .from("in");
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 6, .done = 5, .failed = 1}));
  });
}

TEST(Collect, NamesABatchAfterItsFirstMember) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::string> keys;
    LambdaGraph graph;
    graph.numbers("in", 6);
    graph.collect("batches", 3).ordered();
    graph.serial("out", [&](std::int64_t, StageContext& context) { keys.push_back(context.key()); });
    run_on_stepper(graph, seed);
    EXPECT_THAT(keys, ElementsAre("0", "3"));
  });
}

TEST(Collect, GivesBackTheChildPermitsOfItsMembers) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    // Batches of more children than there are permits.
    std::vector<std::int64_t> sizes;
    LambdaGraph graph;
    graph.items(2).numbers("in", 1);
    graph.expand("splits", [](std::int64_t n, StageContext&) -> Generator<std::int64_t> {
      for (int i = 0; i < 20; ++i) co_yield n;
    });
    graph.collect("batches", 10, size_of);
    graph.sink("out", sizes);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_THAT(sizes, ElementsAre(10, 10));
    EXPECT_EQ(stage_of(report, "batches").stalled_batches, 0U);
  });
}

TEST(Collect, AMergeThatThrowsFailsTheMembers) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 6);
    graph.collect("batches", 4, [](const std::vector<std::int64_t>& numbers) -> std::int64_t {
      if (numbers.size() < 4) throw ItemError(kBad);
      return 0;
    });
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 6, .done = 4, .failed = 2}));
  });
}

TEST(Collect, CancelsWhatItHoldsWithTheRun) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 3);
    graph.async_source("silent",
                       [](SourceOutput&, StageContext& context) -> Task<void> { co_await context.sleep_for(1h); });
    graph.collect("batches", 4).from("in", "silent");
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.loop().call_at(run.loop().now() + 1min, [&] { run.cancel(); });
    run.start();
    EXPECT_TRUE(run.wait().items.is_balanced());
    EXPECT_EQ(run.wait().items.cancelled, run.wait().items.admitted);
  });
}

}  // namespace
}  // namespace penstock::test
