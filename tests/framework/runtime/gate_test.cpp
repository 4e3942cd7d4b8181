// The gate: how many items, how many bytes.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {

/// A payload that holds accounted memory.
struct Blob {
  MemoryCharge charge;
};

}  // namespace penstock::test

template <>
struct penstock::PayloadTraits<penstock::test::Blob> {
  static constexpr std::string_view name = "blob";
  static std::uint64_t bytes(const test::Blob& blob) { return blob.charge.bytes(); }
};

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 20;

TEST(Gate, LetsNoSourceRunAheadOfTheTokens) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    for (const std::uint64_t items : {1, 3, 17}) {
      std::uint64_t emitted = 0;
      std::uint64_t finished = 0;
      std::uint64_t most = 0;
      LambdaGraph graph;
      graph.items(items).source("in", [&](StageContext&) -> std::optional<SourceItem> {
        if (emitted == 60) return std::nullopt;
        most = std::max(most, ++emitted - finished);
        return LambdaGraph::number_item(0);
      });
      graph.async("waits", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
        co_await context.sleep_for(1ms);
        co_return n;
      });
      graph.serial("out", [&](std::int64_t, StageContext&) { ++finished; });
      const RunReport report = run_on_stepper(graph, seed);
      EXPECT_EQ(most, items);
      EXPECT_EQ(report.peak_items_in_flight, items);
      EXPECT_EQ(report.items.done, 60U);
    }
  });
}

TEST(Gate, IsSharedBySeveralSources) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> seen;
    LambdaGraph graph;
    graph.items(4).numbers("first", 30);
    graph.numbers("second", 30, 100).computes();
    graph.async_source("third", [](SourceOutput& output, StageContext&) -> Task<void> {
      for (std::int64_t n = 200; n < 230; ++n) {
        SourceItem item = LambdaGraph::number_item(n);
        if (!output.try_emit(item)) co_await output.emit(std::move(item));
      }
    });
    graph.sink("out", seen).from("first", "second", "third");
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 90, .done = 90}));
    EXPECT_LE(report.peak_items_in_flight, 4U);
    EXPECT_EQ(seen.size(), 90U);
  });
}

TEST(Gate, IsShutWhileMemoryIsUsedUp) {
  int gates_seen_shut = 0;
  for_seeds(kSeeds, [&](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    LambdaGraph graph;
    graph.items(5000).memory(100).numbers("in", 2000).computes();
    graph.async("holds", [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      if (n == 0) {
        const MemoryCharge charge = co_await context.reserve(100);
        before = running->progress().items.admitted;
        co_await context.sleep_for(1s);
        after = running->progress().items.admitted;
      }
      co_return n;
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    EXPECT_EQ(run.wait().items.done, 2000U);
    EXPECT_EQ(after, before);
    gates_seen_shut += before < 2000 ? 1 : 0;
  });
  EXPECT_GT(gates_seen_shut, 0) << "the source was always over before the first reservation";
}

TEST(Memory, IsWaitedForBeforeItIsTaken) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::uint64_t held = 0;
    std::uint64_t most = 0;
    LambdaGraph graph;
    graph.memory(120).numbers("in", 30);  // A quarter is kept for work.
    graph.async("holds", [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      const MemoryCharge charge = co_await context.reserve(30);
      most = std::max(most, held += 30);
      co_await context.sleep_for(1ms);
      held -= 30;
      co_return n;
    });
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(most, 90U);
    EXPECT_EQ(report.peak_memory_bytes, 90U);
    EXPECT_EQ(report.items.done, 30U);
  });
}

TEST(Memory, GoesToTheOldestItemFirst) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> granted;
    LambdaGraph graph;
    graph.memory(100).numbers("in", 20);
    graph.async("holds", [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      if (n > 0) co_await context.sleep_for(1ms * (20 - n));  // The youngest ask first.
      const MemoryCharge charge = co_await context.reserve(100);
      granted.push_back(n);
      if (n == 0) co_await context.sleep_for(1s);  // Meanwhile all others wait.
      co_return n;
    });
    run_on_stepper(graph, seed);
    ASSERT_EQ(granted.size(), 20U);
    EXPECT_EQ(granted[0], 0);
    EXPECT_TRUE(std::is_sorted(granted.begin(), granted.end()));
  });
}

TEST(Memory, OfADeclaredNeedIsTakenBeforeTheBodyBegins) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    LambdaGraph graph;
    graph.memory(100).numbers("in", 30);
    graph.measured(
        "needs", [](std::int64_t) { return 40; },
        [&](std::int64_t n, StageContext&) {
          EXPECT_GE(running->progress().memory_bytes, 40U);
          EXPECT_LE(running->progress().memory_bytes, 80U);
          return n;
        });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    EXPECT_EQ(run.wait().items.done, 30U);
    EXPECT_EQ(run.progress().memory_bytes, 0U);
  });
}

TEST(Memory, ForANeedAboveTheWholeBudgetIsGivenToOneAlone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    std::vector<std::uint64_t> taken;
    LambdaGraph graph;
    graph.memory(100).numbers("in", 12);
    graph.measured(
        "needs", [](std::int64_t n) { return n % 4 == 0 ? 500 : 40; },
        [&](std::int64_t n, StageContext&) {
          if (n % 4 == 0) taken.push_back(running->progress().memory_bytes);
          return n;
        });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    EXPECT_EQ(run.wait().items.done, 12U);
    EXPECT_THAT(taken, ::testing::ElementsAre(500, 500, 500));
  });
}

TEST(Memory, IsGivenBackWhenThePayloadDiesAndNotWhenTheItemSettles) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    std::vector<std::uint64_t> with_blob;
    std::vector<std::uint64_t> without_blob;
    LambdaGraph graph;
    graph.items(1).memory(100).numbers("in", 3);
    graph.async("loads", [](const Payload&, StageContext& context) -> Task<Payload> {
      Blob blob;
      blob.charge = co_await context.reserve(70);
      Payload payload(std::move(blob));
      co_return payload;
    });
    graph.serial("shrinks", [&](const Payload&, StageContext&) {
      with_blob.push_back(running->progress().memory_bytes);
      return std::int64_t{1};
    });
    graph.serial("goes on", [&](std::int64_t n, StageContext&) {
      without_blob.push_back(running->progress().memory_bytes);
      return n;
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    run.wait();
    EXPECT_THAT(with_blob, ::testing::ElementsAre(70, 70, 70));
    EXPECT_THAT(without_blob, ::testing::ElementsAre(0, 0, 0));
  });
}

TEST(Memory, GivenToWhoHasNoSlotYetNeverStopsTheRun) {
  // Slots of the first stage are kept by what waits for a place behind it, where a body waits for memory that older
  // items ask for too: letting those on moves nothing.
  for_seeds(200, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.memory(100).numbers("in", 30);
    graph
        .measured(
            "works", [](std::int64_t) { return 60; }, [](std::int64_t n, StageContext&) { return n; })
        .concurrency(3);
    graph
        .async("grows",
               [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 const MemoryCharge charge = co_await context.reserve(60);
                 co_await context.sleep_for(1ms);
                 co_return n;
               })
        .concurrency(1)
        .queue(1);
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 30U);
  });
}

TEST(Memory, ThatStaysTakenNeverStopsTheRun) {
  // Every item keeps what it has and asks for more: without letting the oldest go beyond, all would wait.
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.memory(100).numbers("in", 30);
    graph.async("grows", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      MemoryCharge charge = co_await context.reserve(40);
      MemoryCharge more = co_await context.reserve(40);
      charge.merge(std::move(more));
      co_return n;
    });
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 30U);
  });
}

}  // namespace
}  // namespace penstock::test
