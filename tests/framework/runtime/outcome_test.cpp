// How items end: the equation, the failed port, what a failure leaves behind.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using graph::OnFailure;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr ErrorCode kBad{"test.bad", "It is bad."};
constexpr std::uint64_t kSeeds = 20;

/// 0: done, 1: dropped, 2: cancelled, 3: failed; as the numbers of the order in which they win.
Maybe<std::int64_t> end_as(std::int64_t way, std::int64_t number, StageContext& context) {
  if (way == 1) return context.drop("as told");
  if (way == 2) throw OperationCancelled();
  if (way == 3) throw ItemError(kBad);
  return number;
}

std::string text_of(const Attributes& attributes, std::string_view name) {
  const AttributeValue* value = attributes.find(name);
  return value == nullptr ? "none" : to_text(*value);
}

TEST(Outcomes, EveryItemIsCountedUnderTheWayInWhichItEnds) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 40);
    graph.transform("ends", [](std::int64_t n, StageContext& context) { return end_as(n % 4, n, context); });
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{40, 10, 10, 10, 10}));
  });
}

TEST(Outcomes, OfSeveralPiecesTheWorstWins) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 16);
    graph.transform("left", [](std::int64_t n, StageContext& context) { return end_as(n % 4, n, context); }).from("in");
    graph.transform("right", [](std::int64_t n, StageContext& context) { return end_as(n / 4, n, context); })
        .from("in");
    // Of the 16 pairs of ways, 2k + 1 have k as the greater one.
    EXPECT_EQ(run_on_stepper(graph, seed).items,
              (ItemCounts{.admitted = 16, .done = 1, .dropped = 3, .failed = 7, .cancelled = 5}));
  });
}

TEST(Outcomes, APortThatNobodyReadsFinishesItsItems) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> odd;
    LambdaGraph graph;
    graph.numbers("in", 10);
    graph.route("deal", {"even", "odd"}, [](std::int64_t n) { return static_cast<std::size_t>(n % 2); });
    graph.sink("out", odd).from("deal.odd");
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 10, .done = 10}));
    EXPECT_THAT(odd, UnorderedElementsAre(1, 3, 5, 7, 9));
  });
}

TEST(Outcomes, ARouteThatNamesNoPortDropsTheItem) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 10);
    graph.route("deal", {"small"}, [](std::int64_t n) { return n < 3 ? std::optional<std::size_t>(0) : std::nullopt; });
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 10, .done = 3, .dropped = 7}));
  });
}

/// One item with the attributes "kept" = "before"; the stage "breaks" sets "kept" and "new" and then fails.
LambdaGraph failing_graph() {
  LambdaGraph graph;
  graph.source("in", [is_over = false](StageContext&) mutable -> std::optional<SourceItem> {
    if (std::exchange(is_over, true)) return std::nullopt;
    SourceItem item = LambdaGraph::number_item(7);
    item.attributes.set("kept", "before");
    return item;
  });
  graph.transform("breaks", [](std::int64_t, StageContext& context) -> std::int64_t {
    context.set_attribute("kept", "after");
    context.set_attribute("new", true);
    throw ItemError(kBad, "it broke");
  });
  return graph;
}

TEST(FailedPort, CarriesTheInputAsItCame) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::string> seen;
    LambdaGraph graph = failing_graph();
    graph
        .serial(
            "reads",
            [&](std::int64_t n, StageContext& context) {
              seen = {std::to_string(n), text_of(context.attributes(), "kept"), text_of(context.attributes(), "new")};
            })
        .from("breaks.failed");
    run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ElementsAre("7", "before", "none"));
  });
}

TEST(FailedPort, TellsWhatWentWrongInAttributes) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::string> seen;
    LambdaGraph graph = failing_graph();
    graph
        .serial("reads",
                [&](std::int64_t, StageContext& context) {
                  for (const char* name : {"error.stage", "error.code", "error.message", "error.attempts"}) {
                    seen.push_back(text_of(context.attributes(), name));
                  }
                })
        .from("breaks.failed");
    run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ElementsAre("breaks", "test.bad", "it broke", "1"));
  });
}

TEST(FailedPort, CountsTheFailureAsHandledAndReportsNone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> read;
    LambdaGraph graph = failing_graph();
    graph.sink("reads", read).from("breaks.failed");
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(stage_of(report, "breaks").failed, 1U);
    EXPECT_EQ(stage_of(report, "breaks").handled, 1U);
    EXPECT_TRUE(report.errors.empty());
  });
}

TEST(FailedPort, LeavesTheOutcomeToWhatFollows) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 4);
    graph.transform("breaks", [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBad); });
    graph.transform("ends", [](std::int64_t n, StageContext& context) { return end_as(n, n, context); })
        .from("breaks.failed");
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{4, 1, 1, 1, 1}));
  });
}

TEST(Failures, TakeBackTheAttributesThatTheBodySet) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<FailureRecord> records;
    RunOptions options;
    options.on_failure = [&](const FailureRecord& record) { records.push_back(record); };
    run_on_stepper(failing_graph(), seed, options);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(text_of(records[0].attributes, "kept"), "before");
    EXPECT_EQ(text_of(records[0].attributes, "new"), "none");
  });
}

TEST(Failures, TakeBackTheAttributesThatACoroutineSet) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::string seen;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph.async("breaks", [](std::int64_t, StageContext& context) -> Task<std::int64_t> {
      context.set_attribute("new", true);
      co_await context.sleep_for(std::chrono::milliseconds(1));
      throw ItemError(kBad);
    });
    graph.serial("reads", [&](std::int64_t, StageContext& context) { seen = text_of(context.attributes(), "new"); })
        .from("breaks.failed");
    run_on_stepper(graph, seed);
    EXPECT_EQ(seen, "none");
  });
}

TEST(Failures, AreDroppedWhereTheStageSaysSo) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 8);
    graph.transform("ends", [](std::int64_t n, StageContext& context) { return end_as(n % 2 * 3, n, context); })
        .on_failure(OnFailure::drop);
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 8, .done = 4, .dropped = 4}));
  });
}

TEST(Failures, AreCountedAtTheStageThatFailsInAFusedSegment) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto pass = [](std::int64_t n, StageContext&) { return n; };
    LambdaGraph graph;
    graph.numbers("in", 40);
    graph.transform("before", pass);
    graph.transform("ends", [](std::int64_t n, StageContext& context) { return end_as(n % 4, n, context); });
    graph.transform("after", pass);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(stage_of(report, "ends").failed, 10U);
    EXPECT_EQ(stage_of(report, "after").in, 10U);
    EXPECT_EQ(stage_of(report, "before").failed + stage_of(report, "after").failed, 0U);
  });
}

TEST(Failures, OfChildrenKeepTheKeyAndNumberThePiece) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::pair<std::string, std::uint32_t>> pieces;
    RunOptions options;
    options.on_failure = [&](const FailureRecord& record) { pieces.emplace_back(record.key, record.piece); };
    LambdaGraph graph;
    graph.numbers("in", 2);
    graph.expand("split", [](std::int64_t, StageContext&) -> Generator<std::int64_t> {
      for (std::int64_t i = 1; i <= 3; ++i) co_yield i;
    });
    graph.transform("ends", [](std::int64_t n, StageContext& context) { return end_as(n == 2 ? 0 : 3, n, context); });
    EXPECT_EQ(run_on_stepper(graph, seed, options).items, (ItemCounts{.admitted = 2, .failed = 2}));
    using Piece = std::pair<std::string, std::uint32_t>;
    EXPECT_THAT(pieces, UnorderedElementsAre(Piece("0", 1), Piece("0", 3), Piece("1", 1), Piece("1", 3)));
  });
}

TEST(Failures, OfAnyExceptionCostTheItemAlone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 3);
    graph.transform("throws", [](std::int64_t n, StageContext&) {
      if (n == 0) throw std::runtime_error("surprise");
      if (n == 1) throw 42;
      return n;
    });
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 3, .done = 1, .failed = 2}));
    EXPECT_EQ(report.outcome, RunOutcome::completed);
  });
}

}  // namespace
}  // namespace penstock::test
