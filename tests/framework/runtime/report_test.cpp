// What a run tells of itself, while it goes on and at its end.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/allowed_threads.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 20;
constexpr ErrorCode kBad{"test.bad", "It is bad."};
constexpr ErrorCode kWorse{"test.worse", "It is worse."};
constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};

LambdaGraph busy_graph() {
  LambdaGraph graph;
  graph.numbers("in", 100);
  graph.transform("drops", [](std::int64_t n, StageContext& context) -> Maybe<std::int64_t> {
    if (n % 10 == 0) return context.drop("tenth");
    return n;
  });
  graph.transform("fails", [](std::int64_t n, StageContext&) {
    if (n % 10 == 1) throw ItemError(kBad);
    return n;
  });
  graph
      .transform("retries",
                 [](std::int64_t n, StageContext& context) {
                   if (n % 10 == 2 && context.attempt() == 1) throw ItemError(kBusy);
                   return n;
                 })
      .retry(2, 1ms);
  return graph;
}

TEST(Report, CountsWhatEnteredAndLeftEachStage) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const RunReport report = run_on_stepper(busy_graph(), seed);
    const auto flow = [&](const char* name) {
      return std::pair(stage_of(report, name).in, stage_of(report, name).out);
    };
    using Flow = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(flow("in"), Flow(100, 100));
    EXPECT_EQ(flow("drops"), Flow(100, 90));
    EXPECT_EQ(flow("fails"), Flow(90, 80));
    EXPECT_EQ(flow("retries"), Flow(90, 80)) << "a second attempt enters again";
  });
}

TEST(Report, CountsDropsFailuresAndRetriesPerStage) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const RunReport report = run_on_stepper(busy_graph(), seed);
    EXPECT_EQ(stage_of(report, "drops").dropped, 10U);
    EXPECT_EQ(stage_of(report, "fails").failed, 10U);
    EXPECT_EQ(stage_of(report, "retries").retries, 10U);
    EXPECT_EQ(stage_of(report, "retries").failed, 0U);
  });
}

TEST(Report, CountsNobodyInAStageThatCloses) {
  // The body outlasts what a worker does at a stretch; the closing may run in the middle of what made it due.
  for_seeds(200, [](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph
        .transform("slow",
                   [](std::int64_t n, StageContext&) {
                     const auto until = std::chrono::steady_clock::now() + 150us;
                     while (std::chrono::steady_clock::now() < until) {
                     }
                     return n;
                   })
        .concurrency(2)
        .on_close([&](StageContext&) { EXPECT_EQ(running->progress().stages[1].in_flight, 0U); });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed, 2, runtime::Jobs::sometimes_ahead));
    running = &run;
    run.start();
    EXPECT_EQ(run.wait().items.done, 1U);
  });
}

TEST(Report, CountsTheBytesOfPayloads) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 10);
    graph.transform("writes", [](const Payload&, StageContext&) { return Payload(Text{"hundred"}); });
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(stage_of(report, "writes").bytes_in, 10 * sizeof(Integer));
    EXPECT_EQ(stage_of(report, "writes").bytes_out, 70U);
  });
}

RunReport sleep_ten_times(unsigned concurrency, std::uint64_t seed) {
  LambdaGraph graph;
  graph.numbers("in", 10);
  graph
      .async("sleeps",
             [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
               co_await context.sleep_for(10ms);
               co_return n;
             })
      .concurrency(concurrency);
  return run_on_stepper(graph, seed);
}

TEST(Report, GivesTheTimeInFlightOfAsynchronousStages) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const RunReport report = sleep_ten_times(1, seed);
    EXPECT_DOUBLE_EQ(stage_of(report, "sleeps").busy_seconds, 0.1);
    EXPECT_DOUBLE_EQ(report.seconds, 0.1);
  });
}

TEST(Report, GivesLatencies) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const RunReport report = sleep_ten_times(1, seed);
    EXPECT_NEAR(stage_of(report, "sleeps").latency_ms.p50, 10, 0.7);
    EXPECT_NEAR(stage_of(report, "sleeps").latency_ms.p99, 10, 0.7);
    EXPECT_DOUBLE_EQ(stage_of(report, "sleeps").latency_ms.max, 10);
  });
}

TEST(Report, GivesThePeakInFlight) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const RunReport report = sleep_ten_times(4, seed);
    EXPECT_EQ(stage_of(report, "sleeps").peak_in_flight, 4U);
    EXPECT_EQ(stage_of(report, "sleeps").in_flight, 0U);
    EXPECT_EQ(stage_of(report, "sleeps").waiting, 0U);
  });
}

TEST(Report, SumsUpErrorsMostFrequentFirst) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 10);
    graph.transform("fails", [](std::int64_t n, StageContext&) {
      if (n == 4) throw ItemError(kBad, "four");
      if (n > 5) throw ItemError(kWorse);
      return n;
    });
    graph.transform("fails too", [](std::int64_t n, StageContext&) {
      if (n < 2) throw ItemError(kBad);
      return n;
    });
    const RunReport report = run_on_stepper(graph, seed);
    ASSERT_EQ(report.errors.size(), 3U);
    EXPECT_EQ(report.errors[0].code, "test.worse");
    EXPECT_EQ(report.errors[0].count, 4U);
    EXPECT_EQ(report.errors[1].stage, "fails too");
    EXPECT_EQ(report.errors[1].count, 2U);
    EXPECT_EQ(report.errors[2].stage, "fails");
    EXPECT_EQ(report.errors[2].example_key, "4");
    EXPECT_EQ(report.errors[2].example_message, "four");
  });
}

TEST(Report, TellsOfACallbackThatThrewAndEndsTheRun) {
  RunOptions options;
  options.on_failure = [](const FailureRecord&) { throw std::runtime_error("not my day"); };
  LambdaGraph graph;
  graph.numbers("in", 50);
  graph.transform("fails", [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBad); });
  const RunReport report = run_on_threads(graph, 2, options);
  EXPECT_EQ(report.outcome, RunOutcome::aborted);
  ASSERT_TRUE(report.abort.has_value());
  EXPECT_EQ(report.abort->code, "run.on_failure");
  EXPECT_TRUE(report.items.is_balanced());
}

TEST(Report, CallsOnFailureOncePerFailedPieceAndNeverTwiceAtOnce) {
  const AllowedThreads threads(9);
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  std::vector<std::string> keys;
  RunOptions options;
  options.on_failure = [&](const FailureRecord& record) {
    if (++inside > 1) overlapped = true;
    keys.push_back(record.key);
    --inside;
  };
  LambdaGraph graph;
  graph.numbers("in", 2000);
  graph.transform("fails", [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBad); });
  run_on_threads(graph, 8, options);
  EXPECT_EQ(keys.size(), 2000U);
  EXPECT_FALSE(overlapped);
}

TEST(Progress, AddsUpWhileTheRunGoesOn) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    std::vector<Progress> seen;
    LambdaGraph graph;
    graph.items(4).numbers("in", 20);
    graph.async("sleeps", [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      co_await context.sleep_for(1s);
      seen.push_back(running->progress());
      co_return n;
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    run.wait();
    ASSERT_EQ(seen.size(), 20U);
    for (const Progress& progress : seen) {
      const std::uint64_t in_flight = progress.items.admitted - progress.items.settled();
      EXPECT_GE(in_flight, 1U);
      EXPECT_LE(in_flight, 4U);
      EXPECT_EQ(progress.total, std::optional<std::uint64_t>(20));
      EXPECT_GE(progress.seconds, 1.0);
      EXPECT_FALSE(progress.is_draining);
      EXPECT_GE(progress.stages[1].in_flight, 1U);
    }
    EXPECT_EQ(run.progress().items, run.wait().items);
  });
}

TEST(Progress, DoesNotGuessATotalThatASourceDoesNotKnow) {
  LambdaGraph graph;
  graph.numbers("in", 3);
  graph.async_source("silent", [](SourceOutput&, StageContext&) -> Task<void> { co_return; });
  graph.transform("out", [](std::int64_t n, StageContext&) { return n; }).from("in", "silent");
  runtime::RunState run(graph.build(), {}, runtime::make_step_executor(1));
  run.start();
  run.wait();
  EXPECT_EQ(run.progress().total.value_or(0), 0U);
}

TEST(Progress, SaysThatTheRunDrains) {
  LambdaGraph graph;
  graph.async_source("silent",
                     [](SourceOutput&, StageContext& context) -> Task<void> { co_await context.sleep_for(24h); });
  graph.transform("out", [](std::int64_t n, StageContext&) { return n; });
  runtime::RunState run(graph.build(), {}, runtime::make_step_executor(1));
  run.start();
  EXPECT_FALSE(run.progress().is_draining);
  run.drain();
  EXPECT_TRUE(run.progress().is_draining);
  run.wait();
}

TEST(Progress, MayBeAskedForFromOtherThreads) {
  LambdaGraph graph;
  graph.numbers("in", 20'000);
  graph.transform("passes", [](std::int64_t n, StageContext&) { return n; });
  graph.serial("out", [](std::int64_t, StageContext&) {});
  runtime::RunState run(graph.build(), {}, runtime::make_tbb_executor(2, 4));
  std::atomic<bool> is_over{false};
  std::thread asks([&] {
    while (!is_over) {
      const ItemCounts items = run.progress().items;
      EXPECT_LE(items.settled(), 20'000U);
    }
  });
  run.start();
  run.wait();
  is_over = true;
  asks.join();
  EXPECT_EQ(run.progress().items, (ItemCounts{.admitted = 20'000, .done = 20'000}));
}

TEST(Runs, SeveralAtOnceDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  std::vector<RunReport> reports(4);
  for (RunReport& report : reports) {
    threads.emplace_back([&report] { report = run_on_threads(busy_graph(), 2); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const RunReport& report : reports) {
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 100, .done = 80, .dropped = 10, .failed = 10}));
  }
}

TEST(Report, HasWhatStagesCountThemselves) {
  LambdaGraph graph;
  graph.numbers("in", 300);
  const auto count = [](std::int64_t n, StageContext& context) {
    context.count(n % 3 == 0 ? "fizz" : "other");
    context.count("sum", static_cast<std::uint64_t>(n));
    return n;
  };
  graph.transform("first", count).counter("fizz").counter("other").counter("sum");
  graph.transform("second", count).counter("sum").counter("other").counter("fizz");
  using Counters = std::vector<std::pair<std::string, std::uint64_t>>;
  for (const unsigned workers : {1U, 2U, 8U}) {
    const AllowedThreads enough(workers + 1);
    const RunReport report = run_on_threads(graph, workers);
    EXPECT_EQ(report.stages.at(1).counters, (Counters{{"fizz", 100}, {"other", 200}, {"sum", 44'850}}));
    EXPECT_EQ(report.stages.at(2).counters, (Counters{{"sum", 44'850}, {"other", 200}, {"fizz", 100}}));
    EXPECT_EQ(report.stages.at(0).counters, Counters());
  }
}

TEST(Drained, IsToldOncePerStageInOrderWithItsFinalCounts) {
  for_seeds(20, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 30);
    graph.transform("first", [](std::int64_t n, StageContext&) { return n; });
    graph.transform("second", [](std::int64_t n, StageContext&) { return n; });
    graph.blocking("third", [](std::int64_t n, StageContext&) { return n; });
    graph.collect("batches", 7);
    graph.async("last", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      co_await context.sleep_for(std::chrono::milliseconds(1));
      co_return n;
    });
    std::vector<std::string> drained;
    std::vector<std::uint64_t> in;
    RunOptions options;
    options.on_drained = [&](const StageReport& stage) {
      drained.push_back(stage.name);
      in.push_back(stage.in);
      EXPECT_EQ(stage.in_flight, 0U) << stage.name;
    };
    run_on_stepper(graph, seed, options);
    EXPECT_THAT(drained, ::testing::ElementsAre("in", "first", "second", "third", "batches", "last"));
    EXPECT_THAT(in, ::testing::ElementsAre(30, 30, 30, 30, 30, 5));
  });
}

TEST(Drained, ThatThrowsEndsTheRunAsAborted) {
  LambdaGraph graph;
  graph.numbers("in", 3);
  graph.transform("out", [](std::int64_t n, StageContext&) { return n; });
  RunOptions options;
  options.on_drained = [](const StageReport&) { throw std::runtime_error("no"); };
  const RunReport report = run_on_stepper(graph, 1, options);
  EXPECT_EQ(report.outcome, RunOutcome::aborted);
  EXPECT_TRUE(report.items.is_balanced());
}

TEST(Report, RefusesToCountWhatIsNotDeclared) {
  LambdaGraph graph;
  graph.numbers("in", 1);
  graph.transform("counts", [](std::int64_t n, StageContext& context) {
    context.count("undeclared");
    return n;
  });
  const RunReport report = run_on_stepper(graph, 1);
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors.front().example_message, "penstock: the stage declares no counter \"undeclared\"");
}

TEST(Runs, OfOneGraphAtOnceHaveBodiesOfTheirOwn) {
  const LambdaGraph made = busy_graph();
  const auto graph = made.build();
  runtime::RunState first(graph, {}, runtime::make_tbb_executor(1, 4));
  runtime::RunState second(graph, {}, runtime::make_tbb_executor(1, 4));
  first.start();
  second.start();
  EXPECT_EQ(second.wait().items.admitted, 100U);
  EXPECT_EQ(first.wait().items.admitted, 100U);
}

TEST(Runs, EndWhereTheHostAllowsOneThread) {
  const AllowedThreads one(1);
  const RunReport report = run_on_threads(busy_graph(), 4);
  EXPECT_EQ(report.workers_available, 1U);
  EXPECT_EQ(report.items.settled(), 100U);
}

TEST(Runs, TellHowManyWorkersTheHostAllows) {
  const AllowedThreads four(4);
  EXPECT_EQ(run_on_threads(busy_graph(), 16).workers_available, 3U);
  EXPECT_EQ(run_on_threads(busy_graph(), 0).workers_available, 3U);
  EXPECT_EQ(run_on_threads(busy_graph(), 2).workers_available, 2U);
}

}  // namespace
}  // namespace penstock::test
