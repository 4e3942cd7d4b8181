// The stepper itself: the seed alone decides.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "framework/runtime/step_executor.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};

/// Everything that happens in a run of a graph with some of each kind, with the times of the manual clock.
std::vector<std::string> events_of(std::uint64_t seed) {
  std::vector<std::string> events;
  runtime::RunState* running = nullptr;
  const auto note = [&](const char* name, std::int64_t n) {
    events.push_back(std::string(name) + " " + std::to_string(n) + " at " +
                     std::to_string(running->loop().now().time_since_epoch().count()));
  };
  LambdaGraph graph;
  graph.items(9).numbers("in", 30);
  graph
      .transform("computes",
                 [&](std::int64_t n, StageContext& context) {
                   note("computes", n);
                   if (n % 7 == 0 && context.attempt() < 3) throw ItemError(kBusy);
                   return n;
                 })
      .retry(3, 1ms);
  graph.async("waits", [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
    note("begins", n);
    co_await context.sleep_for(1us * (n % 5));
    note("ends", n);
    co_return n;
  });
  graph.blocking("blocks", [&](std::int64_t n, StageContext&) { return note("blocks", n), n; });
  graph.collect("batches", 4);
  graph.serial("out", [&](std::int64_t n, StageContext&) { note("out", n); });
  runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
  running = &run;
  run.start();
  run.wait();
  return events;
}

TEST(Stepper, TheSameSeedGivesTheSameRun) {
  for_seeds(20, [](std::uint64_t seed) { EXPECT_EQ(events_of(seed), events_of(seed)); });
}

TEST(Stepper, OtherSeedsGiveOtherRuns) {
  std::set<std::vector<std::string>> runs;
  for_seeds(20, [&](std::uint64_t seed) { runs.insert(events_of(seed)); });
  EXPECT_EQ(runs.size(), 20U);
}

TEST(Stepper, LetsTimePassOnlyAsFarAsTheNextTimer) {
  for_seeds(20, [](std::uint64_t seed) {
    std::vector<Duration> slept;
    LambdaGraph graph;
    graph.numbers("in", 10);
    graph
        .async("sleeps",
               [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 const TimePoint begin = context.loop().now();
                 co_await context.sleep_for(1h);
                 slept.push_back(context.loop().now() - begin);
                 co_return n;
               })
        .concurrency(1);
    EXPECT_EQ(run_on_stepper(graph, seed).seconds, 36'000.0);
    EXPECT_THAT(slept, ::testing::Each(Duration(1h)));
  });
}

TEST(Stepper, TellsWhenNothingCanHappenAnyMore) {
  for_seeds(20, [](std::uint64_t seed) {
    Completion<bool> never;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph.async("hangs", [&](std::int64_t n, StageContext&) -> Task<std::int64_t> {
      Completion<bool>& wait = never;
      co_await wait;
      co_return n;
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.start();
    EXPECT_THROW(run.wait(), runtime::Standstill);
    run.cancel();
    EXPECT_EQ(run.wait().items.cancelled, 1U);
  });
}

}  // namespace
}  // namespace penstock::test
