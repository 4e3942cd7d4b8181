// Stages that take their items in for good, and what they emit at their end.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "tests/support/allowed_threads.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr std::uint64_t kSeeds = 20;
constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};

/// Adds a serial stage that takes all numbers in and emits their sum.
StageHandle add_sum(LambdaGraph& graph, const char* name) {
  auto sum = std::make_shared<std::int64_t>(0);
  const auto take_in = [sum](std::int64_t n, StageContext& context) -> Maybe<std::int64_t> {
    *sum += n;
    return context.absorb();
  };
  return graph.serial(name, take_in, [sum](StageContext&) { return std::optional(*sum); });
}

TEST(Absorb, AnItemIsDoneWhenItWasTakenIn) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(3).numbers("in", 50);
    graph.transform("takes",
                    [](std::int64_t, StageContext& context) -> Maybe<std::int64_t> { return context.absorb(); });
    graph.transform("never", [](std::int64_t n, StageContext&) { return n; });
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 50, .done = 50}));
    EXPECT_EQ(stage_of(report, "takes").in, 50U);
    EXPECT_EQ(stage_of(report, "takes").out, 0U);
    EXPECT_EQ(stage_of(report, "never").in, 0U);
  });
}

TEST(Absorb, TheResultIsAnItemOfItsOwnNamedAfterItsStage) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::string> keys;
    std::vector<std::int64_t> sums;
    LambdaGraph graph;
    graph.numbers("in", 10);
    add_sum(graph, "sum");
    graph.serial("out", [&](std::int64_t n, StageContext& context) {
      keys.push_back(context.key());
      sums.push_back(n);
    });
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_THAT(keys, ElementsAre("sum"));
    EXPECT_THAT(sums, ElementsAre(45));
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 11, .done = 11}));
    EXPECT_EQ(stage_of(report, "sum").out, 1U);
  });
}

TEST(Absorb, AStageMayHaveNothingToSayAtItsEnd) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 4);
    graph.serial(
        "takes", [](std::int64_t n, StageContext&) { return n; },
        [](StageContext&) -> std::optional<std::int64_t> { return std::nullopt; });
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 4, .done = 4}));
  });
}

TEST(Absorb, TheResultComesAfterTheLastItemAndBeforeClose) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::string events;
    LambdaGraph graph;
    graph.numbers("in", 2);
    graph
        .serial(
            "takes", [&](std::int64_t, StageContext&) { events += "item "; },
            [&](StageContext&) {
              events += "finish ";
              return std::optional(std::int64_t{0});
            })
        .on_close([&](StageContext&) { events += "close"; });
    run_on_stepper(graph, seed);
    EXPECT_EQ(events, "item item finish close");
  });
}

TEST(Absorb, TheResultWaitsForTheGate) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    // The token is held by an item that sleeps in another branch when the stage comes to its end.
    LambdaGraph graph;
    graph.items(1);
    graph.numbers("few", 1);
    graph.numbers("slow", 3);
    add_sum(graph, "sum").from("few");
    graph
        .async("sleeps",
               [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 co_await context.sleep_for(1s);
                 co_return n;
               })
        .from("slow");
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 5, .done = 5}));
    EXPECT_EQ(report.peak_items_in_flight, 1U);
  });
}

TEST(Absorb, TheResultFreesACollectorThatHoldsTheLastToken) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(2);
    graph.numbers("few", 1);
    graph.numbers("many", 4);
    add_sum(graph, "sum").from("few");
    graph.collect("batches", 2).from("many", "sum");
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items.done, 6U);
  });
}

TEST(Absorb, TheResultPassesOrderedStages) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> seen;
    LambdaGraph graph;
    graph.numbers("in", 5);
    graph.transform("pass", [](std::int64_t n, StageContext&) { return n; }).from("in");
    add_sum(graph, "sum").from("in");
    graph.sink("out", seen).from("pass", "sum").ordered();
    run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4, 10));
  });
}

TEST(Absorb, ADrainedRunStillGivesItsResult) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::int64_t taken_in = 0;
    std::vector<std::int64_t> results;
    LambdaGraph graph;
    graph.items(4).source(
        "in", [n = 0](StageContext&) mutable -> std::optional<SourceItem> { return LambdaGraph::number_item(n++); });
    graph.async("sleeps", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      co_await context.sleep_for(100ms);
      co_return n;
    });
    graph.serial(
        "counts",
        [&](std::int64_t, StageContext& context) -> Maybe<std::int64_t> {
          ++taken_in;
          return context.absorb();
        },
        [&](StageContext&) { return std::optional(taken_in); });
    graph.sink("out", results);
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.loop().call_at(run.loop().now() + 1s, [&] { run.drain(); });
    run.start();
    const RunReport& report = run.wait();
    EXPECT_EQ(report.outcome, RunOutcome::drained);
    EXPECT_GT(taken_in, 0);
    EXPECT_THAT(results, ElementsAre(taken_in));
    EXPECT_EQ(report.items.done, static_cast<std::uint64_t>(taken_in) + 1);
  });
}

TEST(Absorb, ACancelledRunGivesNone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    bool was_asked = false;
    LambdaGraph graph;
    graph.numbers("in", 3);
    graph.async("sleeps", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      co_await context.sleep_for(1h);
      co_return n;
    });
    graph.serial(
        "takes", [](std::int64_t, StageContext&) {},
        [&](StageContext&) {
          was_asked = true;
          return std::optional(std::int64_t{0});
        });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.loop().call_at(run.loop().now() + 1s, [&] { run.cancel(); });
    run.start();
    EXPECT_EQ(run.wait().items, (ItemCounts{.admitted = 3, .cancelled = 3}));
    EXPECT_FALSE(was_asked);
  });
}

TEST(Absorb, ACancelledRunDoesNotWaitForTheGate) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(1);
    graph.numbers("few", 1);
    graph.numbers("slow", 1);
    add_sum(graph, "sum").from("few");
    graph
        .async("sleeps",
               [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 co_await context.sleep_for(1h);
                 co_return n;
               })
        .from("slow");
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.loop().call_at(run.loop().now() + 1s, [&] { run.cancel(); });
    run.start();
    EXPECT_TRUE(run.wait().items.is_balanced());
  });
}

TEST(Absorb, AResultThatFailsIsNeitherTriedAgainNorHandedOn) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    int tries = 0;
    std::vector<FailureRecord> failures;
    std::vector<std::int64_t> rescued;
    LambdaGraph graph;
    graph.numbers("in", 2);
    graph
        .serial(
            "takes", [](std::int64_t, StageContext& context) -> Maybe<std::int64_t> { return context.absorb(); },
            [&](StageContext&) -> std::optional<std::int64_t> {
              ++tries;
              throw ItemError(kBusy);
            })
        .retry(3, 1ms);
    graph.sink("out", rescued).from("takes", "takes.failed");
    RunOptions options;
    options.on_failure = [&](const FailureRecord& failure) { failures.push_back(failure); };
    const RunReport report = run_on_stepper(graph, seed, options);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 3, .done = 2, .failed = 1}));
    EXPECT_EQ(tries, 1);
    EXPECT_TRUE(rescued.empty());
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].key, "takes");
    EXPECT_EQ(failures[0].code, "test.busy");
  });
}

TEST(Absorb, ASourceThatKnowsItsTotalKnowsTheResultsToo) {
  LambdaGraph graph;
  graph.numbers("in", 10);
  add_sum(graph, "sum");
  runtime::RunState run(graph.build(), {}, runtime::make_step_executor(1));
  run.start();
  run.wait();
  const Progress progress = run.progress();
  ASSERT_TRUE(progress.total.has_value());
  EXPECT_EQ(*progress.total, progress.items.settled());
}

TEST(Absorb, LosesNothingAtAnyNumberOfWorkers) {
  const AllowedThreads threads(9);
  for (const unsigned workers : {1U, 2U, 8U}) {
    std::atomic<std::int64_t> taken_in{0};
    std::vector<std::int64_t> results;
    LambdaGraph graph;
    graph.numbers("in", 100'000);
    graph.transform(
        "counts",
        [&](std::int64_t, StageContext& context) -> Maybe<std::int64_t> {
          taken_in.fetch_add(1, std::memory_order_relaxed);
          return context.absorb();
        },
        [&](StageContext&) { return std::optional(taken_in.load(std::memory_order_relaxed)); });
    graph.transform("pass", [](std::int64_t n, StageContext&) { return n; });
    graph.sink("out", results);
    const RunReport report = run_on_threads(graph, workers);
    EXPECT_THAT(results, ElementsAre(100'000));
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 100'001, .done = 100'001}));
  }
}

}  // namespace
}  // namespace penstock::test
