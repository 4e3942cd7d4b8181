// `queue` and `concurrency`: how far a producer may run ahead, and how many bodies run at once.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 20;
constexpr int kPatience = 1000;

TEST(Queue, OfOneBeforeASerialStageMakesEntryHandOverAndExitAlternate) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    constexpr std::int64_t kItems = 12;
    std::vector<std::string> events;
    std::int64_t made = 0;
    LambdaGraph graph;
    graph.numbers("in", kItems);
    graph.serial("makes", [&](std::int64_t n, StageContext&) {
      events.push_back("makes " + std::to_string(n));
      ++made;
      return n;
    });
    graph
        .async("takes",
               [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 events.push_back("enters " + std::to_string(n));
                 // When k enters, k + 1 gets its place and the producer makes k + 2, which must stay with it.
                 for (int i = 0; i < kPatience && made < std::min(kItems, n + 3); ++i) co_await context.sleep_for(1ms);
                 co_await context.sleep_for(1ms);
                 events.push_back("leaves " + std::to_string(n));
                 co_return n;
               })
        .concurrency(1)
        .queue(1);
    run_on_stepper(graph, seed);
    std::vector<std::string> expected;
    for (std::int64_t n = 1; n < kItems; ++n) {
      expected.push_back("enters " + std::to_string(n));
      if (n + 2 < kItems) expected.push_back("makes " + std::to_string(n + 2));
      expected.push_back("leaves " + std::to_string(n));
    }
    const auto first = std::find(events.begin(), events.end(), "enters 1");
    EXPECT_THAT(std::vector<std::string>(first, events.end()), ::testing::ElementsAreArray(expected));
  });
}

/// Adds a stage that calls `finished` for each piece that it has made; with how many pieces it may keep at most.
struct Producer {
  const char* name;
  std::uint64_t keeps;
  std::function<void(LambdaGraph&, std::function<void()>)> add;
};

std::vector<Producer> producers() {
  return {
      {"source", 1,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.source("makes", [finished, n = 0](StageContext&) mutable -> std::optional<SourceItem> {
           if (n == 60) return std::nullopt;
           finished();
           return LambdaGraph::number_item(n++);
         });
       }},
      {"async source", 1,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.async_source("makes", [finished](SourceOutput& output, StageContext&) -> Task<void> {
           for (int n = 0; n < 60; ++n) {
             SourceItem item = LambdaGraph::number_item(n);
             if (!output.try_emit(item)) co_await output.emit(std::move(item));
             finished();
           }
         });
       }},
      {"transform", 2,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.numbers("in", 60);
         graph.transform("makes", [finished](std::int64_t n, StageContext&) { return finished(), n; }).concurrency(2);
       }},
      {"serial", 1,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.numbers("in", 60);
         graph.serial("makes", [finished](std::int64_t n, StageContext&) { return finished(), n; });
       }},
      {"async", 3,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.numbers("in", 60);
         graph
             .async("makes",
                    [finished](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                      co_await context.sleep_for(1ms);
                      finished();
                      co_return n;
                    })
             .concurrency(3);
       }},
      {"blocking", 2,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.numbers("in", 60);
         graph.blocking("makes", [finished](std::int64_t n, StageContext&) { return finished(), n; }).concurrency(2);
       }},
      {"expand", 1,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.numbers("in", 6);
         graph
             .expand("makes",
                     [finished](std::int64_t n, StageContext&) -> Generator<std::int64_t> {
                       for (int i = 0; i < 10; ++i) {
                         finished();
                         co_yield n;
                       }
                     })
             .concurrency(1);
       }},
      {"collect", 1,
       [](LambdaGraph& graph, std::function<void()> finished) {
         graph.numbers("in", 120);
         graph.collect("makes", 2, [finished](const std::vector<std::int64_t>& n) { return finished(), n[0]; });
       }},
  };
}

/// The most pieces that were made and had not entered the consumer, of those that can be seen when one enters or is
/// made.
std::uint64_t run_ahead(const Producer& producer, unsigned places, bool consumer_waits, std::uint64_t seed) {
  std::uint64_t made = 0;
  std::uint64_t entered = 0;
  std::uint64_t most = 0;
  LambdaGraph graph;
  producer.add(graph, [&] { most = std::max(most, ++made - entered); });
  if (consumer_waits) {
    graph
        .async("takes",
               [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 ++entered;
                 co_await context.sleep_for(2ms);
                 co_return n;
               })
        .concurrency(1)
        .queue(places);
  } else {
    graph.serial("takes", [&](std::int64_t n, StageContext&) { return ++entered, n; }).queue(places);
  }
  run_on_stepper(graph, seed);
  EXPECT_EQ(made, 60U) << producer.name;
  EXPECT_EQ(entered, 60U) << producer.name;
  return most;
}

TEST(Queue, HoldsNoMoreThanItsPlacesWhoeverProduces) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    for (const Producer& producer : producers()) {
      for (const unsigned places : {1U, 2U, 5U}) {
        for (const bool consumer_waits : {false, true}) {
          EXPECT_LE(run_ahead(producer, places, consumer_waits, seed), places + producer.keeps) << producer.name;
        }
      }
    }
  });
}

TEST(Queue, IsUsedToTheFullByAFastProducer) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    for (const Producer& producer : producers()) {
      EXPECT_EQ(run_ahead(producer, 3, true, seed), 3 + producer.keeps) << producer.name;
    }
  });
}

TEST(Queue, BoundsABranchWithoutStoppingTheOther) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    // The narrow branch does not begin to finish before the wide one has had everything.
    int wide = 0;
    LambdaGraph graph;
    graph.numbers("narrow in", 5);
    graph.numbers("wide in", 40);
    graph.transform("makes", [](std::int64_t n, StageContext&) { return n; }).concurrency(1).from("narrow in");
    graph
        .async("takes",
               [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 for (int i = 0; i < kPatience && wide < 40; ++i) co_await context.sleep_for(1ms);
                 EXPECT_EQ(wide, 40);
                 co_return n;
               })
        .concurrency(1)
        .queue(1);
    graph.serial("wide", [&](std::int64_t, StageContext&) { ++wide; }).from("wide in");
    EXPECT_EQ(run_on_stepper(graph, seed).items.done, 45U);
  });
}

TEST(Queue, AProducerThatWaitsForAPlaceBlocksNoThread) {
  // One worker. What the queue's consumer waits for must be done by the very thread that produced for the queue.
  std::atomic<int> wide{0};
  LambdaGraph graph;
  graph.numbers("narrow in", 5).computes();
  graph.numbers("wide in", 500).computes();
  graph.transform("makes", [](std::int64_t n, StageContext&) { return n; }).concurrency(1).from("narrow in");
  graph
      .async("takes",
             [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
               while (wide < 500) co_await context.sleep_for(1ms);
               co_return n;
             })
      .concurrency(1)
      .queue(1);
  graph.serial("wide", [&](std::int64_t, StageContext&) { ++wide; }).from("wide in");
  EXPECT_EQ(run_on_threads(graph, 1).items.done, 505U);
}

TEST(Concurrency, IsNeverExceededAndIsReached) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    unsigned now = 0;
    unsigned most = 0;
    LambdaGraph graph;
    graph.numbers("in", 60);
    graph
        .async("waits",
               [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 most = std::max(most, ++now);
                 co_await context.sleep_for(1ms);
                 --now;
                 co_return n;
               })
        .concurrency(7);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(most, 7U);
    EXPECT_EQ(stage_of(report, "waits").peak_in_flight, 7U);
  });
}

TEST(Concurrency, HoldsForEveryKindOnRealThreads) {
  for (const unsigned workers : {1U, 2U, 8U}) {
    std::atomic<int> transforms{0};
    std::atomic<int> serials{0};
    std::atomic<int> blockings{0};
    std::atomic<bool> was_exceeded{false};
    const auto visit = [&was_exceeded](std::atomic<int>& inside, int limit) {
      if (++inside > limit) was_exceeded = true;
      --inside;
    };
    LambdaGraph graph;
    graph.numbers("in", 3000);
    graph.transform("a", [&](std::int64_t n, StageContext&) { return visit(transforms, 2), n; }).concurrency(2);
    graph.serial("b", [&](std::int64_t n, StageContext&) { return visit(serials, 1), n; });
    graph.blocking("c", [&](std::int64_t n, StageContext&) { return visit(blockings, 3), n; }).concurrency(3);
    EXPECT_EQ(run_on_threads(graph, workers).items.done, 3000U);
    EXPECT_FALSE(was_exceeded);
  }
}

}  // namespace
}  // namespace penstock::test
