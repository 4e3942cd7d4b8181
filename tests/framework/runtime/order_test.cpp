// `ordered`: admission order, whatever happens before the stage.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAreArray;

constexpr std::uint64_t kSeeds = 20;
constexpr std::int64_t kItems = 40;
constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};
constexpr ErrorCode kBad{"test.bad", "It is bad."};

/// Coroutines that end in no order at all.
void add_shuffle(LambdaGraph& graph) {
  graph.async("shuffles", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
    co_await context.sleep_for(1us * ((n * 7919) % 101));
    co_return n;
  });
}

/// What a serial ordered sink sees behind `kItems` numbers, a shuffle, and what `add` puts after it.
std::vector<std::int64_t> seen_in_order(std::uint64_t seed, const std::function<void(LambdaGraph&)>& add,
                                        const std::function<void(StageHandle&)>& connect = {}) {
  std::vector<std::int64_t> seen;
  LambdaGraph graph;
  graph.numbers("in", kItems);
  add_shuffle(graph);
  add(graph);
  StageHandle sink = graph.sink("out", seen).ordered();
  if (connect) connect(sink);
  EXPECT_TRUE(run_on_stepper(graph, seed).items.is_balanced());
  return seen;
}

std::vector<std::int64_t> numbers_where(const std::function<bool(std::int64_t)>& takes) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t n = 0; n < kItems; ++n) {
    if (takes(n)) numbers.push_back(n);
  }
  return numbers;
}
std::vector<std::int64_t> all_numbers() {
  return numbers_where([](std::int64_t) { return true; });
}

TEST(Ordered, ASerialSinkSeesAdmissionOrder) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    EXPECT_THAT(seen_in_order(seed, [](LambdaGraph&) {}), ElementsAreArray(all_numbers()));
  });
}

TEST(Ordered, WithoutItTheShuffleShows) {
  int shuffled = 0;
  for_seeds(kSeeds, [&](std::uint64_t seed) {
    std::vector<std::int64_t> seen;
    LambdaGraph graph;
    graph.numbers("in", kItems);
    add_shuffle(graph);
    graph.sink("out", seen);
    run_on_stepper(graph, seed);
    shuffled += seen == all_numbers() ? 0 : 1;
  });
  EXPECT_EQ(shuffled, static_cast<int>(kSeeds));
}

TEST(Ordered, DoesNotWaitForWhatWasDropped) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto seen = seen_in_order(seed, [](LambdaGraph& graph) {
      graph.transform("drops", [](std::int64_t n, StageContext& context) -> Maybe<std::int64_t> {
        if (n % 3 == 0) return context.drop("third");
        return n;
      });
    });
    EXPECT_THAT(seen, ElementsAreArray(numbers_where([](std::int64_t n) { return n % 3 != 0; })));
  });
}

TEST(Ordered, DoesNotWaitForWhatFailed) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto seen = seen_in_order(seed, [](LambdaGraph& graph) {
      graph.async("fails", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
        co_await context.sleep_for(1us);
        if (n % 3 == 0) throw ItemError(kBad);
        co_return n;
      });
    });
    EXPECT_THAT(seen, ElementsAreArray(numbers_where([](std::int64_t n) { return n % 3 != 0; })));
  });
}

TEST(Ordered, WaitsForARetry) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto seen = seen_in_order(seed, [](LambdaGraph& graph) {
      graph
          .transform("retries",
                     [](std::int64_t n, StageContext& context) {
                       if (n % 3 == 0 && context.attempt() < 3) throw ItemError(kBusy);
                       return n;
                     })
          .retry(3, 1ms);
    });
    EXPECT_THAT(seen, ElementsAreArray(all_numbers()));
  });
}

TEST(Ordered, DoesNotWaitForWhatARouteSendsElsewhere) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto seen = seen_in_order(
        seed,
        [](LambdaGraph& graph) {
          graph.route("deal", {"here", "there"}, [](std::int64_t n) { return static_cast<std::size_t>(n % 2); });
        },
        [](StageHandle& sink) { sink.from("deal.here"); });
    EXPECT_THAT(seen, ElementsAreArray(numbers_where([](std::int64_t n) { return n % 2 == 0; })));
  });
}

TEST(Ordered, PutsChildrenInThePlaceOfTheirParent) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto seen = seen_in_order(seed, [](LambdaGraph& graph) {
      graph.expand("splits", [](std::int64_t n, StageContext&) -> Generator<std::int64_t> {
        for (std::int64_t i = 0; i < n % 4; ++i) co_yield n * 10 + i;
      });
      graph.async("shuffles again", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
        co_await context.sleep_for(1us * ((n * 31) % 17));
        co_return n;
      });
    });
    std::vector<std::int64_t> expected;
    for (std::int64_t n = 0; n < kItems; ++n) {
      for (std::int64_t i = 0; i < n % 4; ++i) expected.push_back(n * 10 + i);
    }
    EXPECT_THAT(seen, ElementsAreArray(expected));
  });
}

TEST(Ordered, KeepsTheCopiesOfAFanOutTogether) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto pass = [](std::int64_t n, StageContext&) { return n; };
    const auto seen = seen_in_order(
        seed,
        [&](LambdaGraph& graph) {
          graph.transform("left", pass).from("shuffles");
          graph
              .async("right",
                     [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                       co_await context.sleep_for(3us);
                       co_return n;
                     })
              .from("shuffles");
        },
        [](StageHandle& sink) { sink.from("left", "right"); });
    std::vector<std::int64_t> expected;
    for (const std::int64_t n : all_numbers()) expected.insert(expected.end(), {n, n});
    EXPECT_THAT(seen, ElementsAreArray(expected));
  });
}

TEST(Ordered, MergesTheFailedPortInPlace) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto seen = seen_in_order(
        seed,
        [](LambdaGraph& graph) {
          graph.transform("fails", [](std::int64_t n, StageContext&) {
            if (n % 3 == 0) throw ItemError(kBad);
            return n;
          });
        },
        [](StageHandle& sink) { sink.from("fails", "fails.failed"); });
    EXPECT_THAT(seen, ElementsAreArray(all_numbers()));
  });
}

TEST(Ordered, PutsABatchWhereItsFirstMemberStands) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto first = [](const std::vector<std::int64_t>& numbers) {
      return *std::min_element(numbers.begin(), numbers.end());
    };
    const auto seen = seen_in_order(seed, [&](LambdaGraph& graph) { graph.collect("batches", 3, first); });
    EXPECT_EQ(seen.size(), 14U);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  });
}

TEST(Ordered, PiecesEnterInOrderWhateverTheKindAndItsConcurrency) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    for (const std::string kind : {"transform", "measured", "async", "blocking"}) {
      std::vector<std::int64_t> entered;
      const auto visit = [&](std::int64_t n, StageContext&) { return entered.push_back(n), n; };
      LambdaGraph graph;
      graph.memory(100).numbers("in", kItems);
      add_shuffle(graph);
      if (kind == "transform") graph.transform("ordered", visit).concurrency(4).ordered();
      if (kind == "measured")
        graph
            .measured(
                "ordered", [](std::int64_t n) { return n % 60; }, visit)
            .ordered();
      if (kind == "blocking") graph.blocking("ordered", visit).ordered();
      if (kind == "async") {
        graph
            .async("ordered",
                   [=](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                     visit(n, context);
                     co_await context.sleep_for(1us * (n % 5));
                     co_return n;
                   })
            .concurrency(4)
            .ordered();
      }
      run_on_stepper(graph, seed);
      EXPECT_THAT(entered, ElementsAreArray(all_numbers())) << kind;
    }
  });
}

TEST(Ordered, ASerialStageHandsOnInOrder) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> seen;
    LambdaGraph graph;
    graph.numbers("in", kItems);
    add_shuffle(graph);
    graph.serial("orders", [](std::int64_t n, StageContext&) { return n; }).ordered();
    graph.sink("out", seen).queue(1);
    run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ElementsAreArray(all_numbers()));
  });
}

TEST(Ordered, TakesSeveralSourcesInTheOrderInWhichTheirItemsWereAdmitted) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> admitted;
    std::vector<std::int64_t> seen;
    LambdaGraph graph;
    graph.items(7);
    for (const char* name : {"first", "second"}) {
      graph.source(name, [&, name, n = 0](StageContext&) mutable -> std::optional<SourceItem> {
        if (n == 30) return std::nullopt;
        admitted.push_back(n++ + (name[0] == 's' ? 100 : 0));
        return LambdaGraph::number_item(admitted.back());
      });
    }
    graph
        .async("shuffles",
               [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 co_await context.sleep_for(1us * ((n * 7919) % 101));
                 co_return n;
               })
        .from("first", "second");
    graph.sink("out", seen).ordered();
    run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ElementsAreArray(admitted));
  });
}

TEST(Ordered, HoldsOnRealThreads) {
  for (const unsigned workers : {1U, 2U, 8U}) {
    std::vector<std::int64_t> seen;
    std::vector<std::int64_t> expected;
    LambdaGraph graph;
    graph.numbers("in", 3000);
    graph
        .transform("drops",
                   [](std::int64_t n, StageContext& context) -> Maybe<std::int64_t> {
                     if (n % 10 == 3) return context.drop("three");
                     return n;
                   })
        .unfused();
    graph.blocking("blocks", [](std::int64_t n, StageContext&) { return n; });
    graph.sink("out", seen).ordered();
    run_on_threads(graph, workers);
    for (std::int64_t n = 0; n < 3000; ++n) {
      if (n % 10 != 3) expected.push_back(n);
    }
    EXPECT_EQ(seen, expected);
  }
}

}  // namespace
}  // namespace penstock::test
