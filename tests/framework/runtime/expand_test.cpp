// One item into many: lazily, as permits allow.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "penstock/bytes.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 20;
constexpr ErrorCode kBad{"test.bad", "It is bad."};

/// Yields 0 … count - 1, and knows how many of them are on their way.
struct Children {
  std::int64_t alive = 0;
  std::int64_t most = 0;
  std::int64_t total = 0;

  void add_to(LambdaGraph& graph, std::int64_t count) {
    graph.expand("splits", [this, count](std::int64_t, StageContext&) -> Generator<std::int64_t> {
      for (std::int64_t i = 0; i < count; ++i) {
        most = std::max(most, ++alive);
        ++total;
        co_yield i;
      }
    });
  }
  void add_sink_to(LambdaGraph& graph) {
    graph.serial("out", [this](std::int64_t, StageContext&) { --alive; });
  }
};

TEST(Expand, OfAMillionChildrenHasFewAliveAtOnce) {
  for_seeds(2, [](std::uint64_t seed) {
    Children children;
    LambdaGraph graph;
    graph.items(4).numbers("in", 1);
    children.add_to(graph, 1'000'000);
    children.add_sink_to(graph);
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 1, .done = 1}));
    EXPECT_EQ(children.total, 1'000'000);
    EXPECT_LE(children.most, 5);
  });
}

TEST(Expand, SharesThePermitsAmongAllItems) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    Children children;
    LambdaGraph graph;
    graph.items(4).numbers("in", 12);
    children.add_to(graph, 30);
    graph.async("waits", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      co_await context.sleep_for(1ms);
      co_return n;
    });
    children.add_sink_to(graph);
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 12U);
    EXPECT_EQ(children.total, 360);
    EXPECT_LE(children.most, 5);
  });
}

TEST(Expand, SettlesAParentOnceWhenItsLastChildHasLeft) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    Children children;
    std::vector<std::int64_t> alive_at_emission;
    LambdaGraph graph;
    graph.items(1).source("in", [&](StageContext&) -> std::optional<SourceItem> {
      alive_at_emission.push_back(children.alive);
      if (alive_at_emission.size() > 5) return std::nullopt;
      return LambdaGraph::number_item(0);
    });
    children.add_to(graph, 7);
    graph.blocking("blocks", [](std::int64_t n, StageContext&) { return n; });
    children.add_sink_to(graph);
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 5, .done = 5}));
    EXPECT_THAT(alive_at_emission, ::testing::Each(0));
  });
}

TEST(Expand, WithoutChildrenIsDone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 3);
    Children children;
    children.add_to(graph, 0);
    EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 3, .done = 3}));
  });
}

TEST(Expand, ThatFailsHalfWayKeepsItsChildrenAndFailsTheItem) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> seen;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph.expand("splits", [](std::int64_t, StageContext&) -> Generator<std::int64_t> {
      co_yield 1;
      co_yield 2;
      throw ItemError(kBad);
    });
    graph.sink("out", seen);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ::testing::UnorderedElementsAre(1, 2));
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 1, .failed = 1}));
    EXPECT_EQ(stage_of(report, "splits").failed, 1U);
  });
}

TEST(Expand, SetsAttributesOnOneChildOnly) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> marked;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph.expand("splits", [](std::int64_t, StageContext& context) -> Generator<std::int64_t> {
      co_yield 1;
      context.set_attribute("mark", true);
      co_yield 2;
      co_yield 3;
    });
    graph.serial("out", [&](std::int64_t n, StageContext& context) {
      if (context.attributes().find("mark") != nullptr) marked.push_back(n);
    });
    run_on_stepper(graph, seed);
    EXPECT_THAT(marked, ::testing::ElementsAre(2));
  });
}

TEST(Expand, EndsItsGeneratorsWhenTheRunIsCancelled) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    int generators = 0;
    struct Guard {
      explicit Guard(int& count) : count_(count) { ++count_; }
      ~Guard() { --count_; }
      int& count_;
    };
    runtime::RunState* running = nullptr;
    LambdaGraph graph;
    graph.items(4).numbers("in", 4);
    graph.expand("splits", [&](std::int64_t, StageContext&) -> Generator<std::int64_t> {
      const Guard guard(generators);
      for (std::int64_t i = 0;; ++i) co_yield i;
    });
    graph.serial("out", [&, seen = 0](std::int64_t, StageContext&) mutable {
      if (++seen == 50) running->cancel();
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    const RunReport& report = run.wait();
    EXPECT_EQ(report.outcome, RunOutcome::cancelled);
    EXPECT_EQ(report.items.cancelled, report.items.admitted);
    EXPECT_EQ(generators, 0);
  });
}

TEST(Expand, OfExpandNeverStandsStill) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::int64_t leaves = 0;
    LambdaGraph graph;
    graph.items(2).numbers("in", 5);
    for (const char* name : {"splits", "splits again"}) {
      graph.expand(name, [](std::int64_t n, StageContext&) -> Generator<std::int64_t> {
        for (int i = 0; i < 6; ++i) co_yield n;
      });
    }
    graph.serial("out", [&](std::int64_t, StageContext&) { ++leaves; });
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 5U);
    EXPECT_EQ(leaves, 5 * 36);
  });
}

/// Counts those that exist.
class Present {
 public:
  explicit Present(int& count) : count_(count) { ++count_; }
  Present(const Present&) = delete;
  Present& operator=(const Present&) = delete;
  ~Present() { --count_; }

 private:
  int& count_;
};

TEST(Expand, HoldsWhatItNeedsUntilItsLastChildIsMade) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    int running = 0;
    int most = 0;
    LambdaGraph graph;
    graph.memory(100).numbers("in", 12);
    graph.measured_expand(
        "splits", [](const Payload&) { return std::uint64_t{60}; },
        [&](std::int64_t, StageContext&) -> Generator<std::int64_t> {
          const Present present(running);
          most = std::max(most, running);
          for (std::int64_t i = 0; i < 3; ++i) co_yield i;
        });
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items.done, 12U);
    EXPECT_EQ(most, 1) << "two of them would need 120 bytes";
    EXPECT_EQ(report.peak_memory_bytes, 60U);
  });
}

TEST(Expand, LetsChildrenKeepPartOfWhatItHolds) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.memory(100).numbers("in", 1);
    graph.measured_expand(
        "splits", [](const Payload&) { return std::uint64_t{60}; },
        [](std::int64_t, StageContext& context) -> Generator<Payload> {
          for (int i = 0; i < 2; ++i) {
            Payload child(Bytes("child", context.keep(20)));
            co_yield std::move(child);
          }
        });
    graph.transform("out", [](const Payload&, StageContext&) {});
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.peak_memory_bytes, 60U) << "what they keep is not counted twice";
  });
}

}  // namespace
}  // namespace penstock::test
