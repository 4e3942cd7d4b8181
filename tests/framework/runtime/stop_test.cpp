// How runs end before their input does: drain, cancel, abort.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr std::uint64_t kSeeds = 20;
constexpr ErrorCode kBad{"test.bad", "It is bad."};
constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};

/// Runs on the stepper; `stop` is called after `when` of the run's time.
RunReport run_and(const LambdaGraph& graph, std::uint64_t seed, Duration when,
                  const std::function<void(runtime::RunState&)>& stop) {
  runtime::RunState run(graph.build(), {.drain_timeout = 10s}, runtime::make_step_executor(seed));
  run.loop().call_at(run.loop().now() + when, [&] { stop(run); });
  run.start();
  return run.wait();
}
void drain(runtime::RunState& run) { run.drain(); }
void cancel(runtime::RunState& run) { run.cancel(); }

StageHandle add_endless(LambdaGraph& graph, const char* name) {
  return graph.source(name, [n = std::int64_t{0}](StageContext&) mutable -> std::optional<SourceItem> {
    return LambdaGraph::number_item(n++);
  });
}
StageHandle add_sleeper(LambdaGraph& graph, Duration time) {
  return graph.async("sleeps", [time](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
    co_await context.sleep_for(time);
    co_return n;
  });
}
StageHandle add_silent(LambdaGraph& graph, const char* name) {
  return graph.async_source(
      name, [](SourceOutput&, StageContext& context) -> Task<void> { co_await context.sleep_for(24h); });
}

TEST(Drain, StopsTheSourcesAndFinishesWhatIsInFlight) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(20);
    add_endless(graph, "in");
    add_sleeper(graph, 3s);
    graph.blocking("blocks", [](std::int64_t n, StageContext&) { return n; });
    const RunReport report = run_and(graph, seed, 1s, drain);
    EXPECT_EQ(report.outcome, RunOutcome::drained);
    EXPECT_GT(report.items.admitted, 0U);
    EXPECT_EQ(report.items.done, report.items.admitted);
  });
}

TEST(Drain, EndsASourceThatIsSilent) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    add_silent(graph, "in");
    add_sleeper(graph, 1s);
    const RunReport report = run_and(graph, seed, 1s, drain);
    EXPECT_EQ(report.outcome, RunOutcome::drained);
    EXPECT_EQ(report.seconds, 1.0);
  });
}

TEST(Drain, EndsASourceThatWaitsAtTheGate) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(1);
    add_endless(graph, "first");
    graph.async_source("second", [](SourceOutput& output, StageContext&) -> Task<void> {
      for (;;) co_await output.emit(LambdaGraph::number_item(1));
    });
    add_sleeper(graph, 3s).from("first", "second");
    const RunReport report = run_and(graph, seed, 1s, drain);
    EXPECT_EQ(report.outcome, RunOutcome::drained);
    EXPECT_EQ(report.items.done, report.items.admitted);
  });
}

TEST(Drain, FlushesCollectorsAndGoesOnWithRetries) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::int64_t batches = 0;
    LambdaGraph graph;
    graph.numbers("in", 3);
    add_silent(graph, "silent");
    graph
        .transform("tries",
                   [](std::int64_t n, StageContext& context) {
                     if (context.attempt() < 3) throw ItemError(kBusy).retry_after(1s);
                     return n;
                   })
        .retry(3, 1s)
        .from("in", "silent");
    graph.collect("batches", 10);
    graph.serial("out", [&](std::int64_t, StageContext&) { ++batches; });
    const RunReport report = run_and(graph, seed, 1s, drain);
    EXPECT_EQ(report.outcome, RunOutcome::drained);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 3, .done = 3}));
    EXPECT_EQ(batches, 1);
  });
}

TEST(Drain, CancelsWhatStillHangsAfterTheTimeout) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 3);
    add_sleeper(graph, 24h);
    const RunReport report = run_and(graph, seed, 1s, drain);
    EXPECT_EQ(report.outcome, RunOutcome::cancelled);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 3, .cancelled = 3}));
    EXPECT_EQ(report.seconds, 11.0);
  });
}

TEST(Drain, MayBeAskedForTwice) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.items(20);
    add_endless(graph, "in");
    add_sleeper(graph, 3s);
    const auto twice = [](runtime::RunState& run) {
      run.drain();
      run.drain();
    };
    EXPECT_EQ(run_and(graph, seed, 1s, twice).outcome, RunOutcome::drained);
  });
}

TEST(Cancel, StopsCoroutinesAndDiscardsWhatWaits) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    int ended = 0;
    std::vector<std::int64_t> out;
    LambdaGraph graph;
    graph.numbers("in", 20);
    graph
        .async("hangs",
               [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
                 try {
                   co_await context.sleep_for(24h);
                 } catch (const OperationCancelled&) {
                   ++ended;
                   throw;
                 }
                 co_return n;
               })
        .concurrency(3);
    graph.sink("out", out);
    const RunReport report = run_and(graph, seed, 1s, cancel);
    EXPECT_EQ(report.outcome, RunOutcome::cancelled);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 20, .cancelled = 20}));
    EXPECT_EQ(ended, 3) << "the others had not begun";
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(report.seconds, 1.0);
  });
}

TEST(Cancel, EndsThoseThatWaitForARetry) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 5);
    graph
        .transform("tries", [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBusy).retry_after(1h); })
        .retry(1000, 1h, 2h);
    const RunReport report = run_and(graph, seed, 1s, cancel);
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 5, .cancelled = 5}));
    EXPECT_EQ(report.seconds, 1.0);
  });
}

TEST(Cancel, EndsThoseThatWaitForMemory) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.memory(100).numbers("in", 5);
    graph.async("holds", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
      const MemoryCharge charge = co_await context.reserve(100);
      co_await context.sleep_for(24h);
      co_return n;
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.loop().call_at(run.loop().now() + 1s, [&] { run.cancel(); });
    run.start();
    EXPECT_EQ(run.wait().items.cancelled, run.wait().items.admitted);
    EXPECT_EQ(run.progress().memory_bytes, 0U);
  });
}

TEST(Cancel, EndsThoseThatWaitForAPlace) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 20);
    graph.transform("makes", [](std::int64_t n, StageContext&) { return n; }).concurrency(2);
    add_sleeper(graph, 24h).concurrency(1).queue(1);
    EXPECT_EQ(run_and(graph, seed, 1s, cancel).items, (ItemCounts{.admitted = 20, .cancelled = 20}));
  });
}

TEST(Cancel, IsSeenByBodiesThatAsk) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    runtime::RunState* running = nullptr;
    bool before = true;
    bool after = false;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph.serial("asks", [&](std::int64_t n, StageContext& context) {
      before = context.stop_requested();
      running->cancel();
      after = context.stop_requested();
      return n;
    });
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    run.wait();
    EXPECT_FALSE(before);
    EXPECT_TRUE(after);
  });
}

TEST(Cancel, WaitsForBlockingBodies) {
  std::latch begun(1);
  std::latch may_end(1);
  std::atomic<bool> has_ended{false};
  std::atomic<bool> was_closed_before{false};
  LambdaGraph graph;
  graph.numbers("in", 1);
  graph
      .blocking("blocks",
                [&](std::int64_t n, StageContext&) {
                  begun.count_down();
                  may_end.wait();
                  has_ended = true;
                  return n;
                })
      .on_close([&](StageContext&) { was_closed_before = !has_ended; });
  runtime::RunState run(graph.build(), {}, runtime::make_tbb_executor(2, 4));
  run.start();
  begun.wait();
  run.cancel();
  may_end.count_down();
  run.wait();
  EXPECT_TRUE(has_ended);
  EXPECT_FALSE(was_closed_before);
}

TEST(Cancel, AfterTheEndDoesNothing) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 3);
    runtime::RunState run(graph.build(), {}, runtime::make_step_executor(seed));
    run.start();
    run.wait();
    run.cancel();
    run.drain();
    EXPECT_EQ(run.wait().outcome, RunOutcome::completed);
  });
}

TEST(Abort, IsWhatASourceThatThrowsDoes) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.source("in", [n = 0](StageContext&) mutable -> std::optional<SourceItem> {
      if (n == 5) throw ItemError(kBad, "cannot read on");
      return LambdaGraph::number_item(n++);
    });
    add_sleeper(graph, 1h);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.outcome, RunOutcome::aborted);
    ASSERT_TRUE(report.abort.has_value());
    EXPECT_EQ(report.abort->stage, "in");
    EXPECT_EQ(report.abort->code, "test.bad");
    EXPECT_EQ(report.abort->message, "cannot read on");
    EXPECT_TRUE(report.items.is_balanced());
  });
}

TEST(Abort, IsWhatAnAsyncSourceThatThrowsDoes) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.async_source("in", [](SourceOutput& output, StageContext& context) -> Task<void> {
      co_await output.emit(LambdaGraph::number_item(1));
      co_await context.sleep_for(1ms);
      throw std::runtime_error("the pipe broke");
    });
    add_sleeper(graph, 1h);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.outcome, RunOutcome::aborted);
    ASSERT_TRUE(report.abort.has_value());
    EXPECT_EQ(report.abort->code, "source.exception");
    EXPECT_EQ(report.abort->message, "the pipe broke");
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 1, .cancelled = 1}));
  });
}

TEST(Abort, IsWhatAFailureDoesWhereTheStageSaysStop) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    add_endless(graph, "in");
    graph
        .transform("stops",
                   [](std::int64_t n, StageContext&) {
                     if (n == 7) throw ItemError(kBad, "seven");
                     return n;
                   })
        .on_failure(graph::OnFailure::stop);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.outcome, RunOutcome::aborted);
    ASSERT_TRUE(report.abort.has_value());
    EXPECT_EQ(report.abort->stage, "stops");
    EXPECT_EQ(report.abort->code, "test.bad");
    EXPECT_EQ(report.abort->message, "item \"7\": seven");
    EXPECT_EQ(report.items.failed, 1U);
  });
}

/// Writes down what each stage opens and closes.
struct Life {
  std::vector<std::string> events;
  StageHandle watch(StageHandle stage, const std::string& name) {
    stage.on_open([this, name](StageContext&) { events.push_back("open " + name); });
    stage.on_close([this, name](StageContext&) { events.push_back("close " + name); });
    return stage;
  }
};

TEST(Open, ThatThrowsAbortsTheRunAndClosesWhatWasOpened) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto pass = [](std::int64_t n, StageContext&) { return n; };
    Life life;
    LambdaGraph graph;
    life.watch(graph.numbers("in", 3), "in");
    life.watch(graph.transform("a", pass), "a").on_open([](StageContext&) { throw ItemError(kBad, "no such folder"); });
    life.watch(graph.transform("b", pass), "b");
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.outcome, RunOutcome::aborted);
    ASSERT_TRUE(report.abort.has_value());
    EXPECT_EQ(report.abort->stage, "a");
    EXPECT_EQ(report.abort->code, "test.bad");
    EXPECT_EQ(report.items, ItemCounts{});
    EXPECT_THAT(life.events, ElementsAre("open in", "close a", "close in"));
  });
}

TEST(Open, OfEveryStageComesBeforeTheFirstItem) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    Life life;
    LambdaGraph graph;
    life.watch(graph.source("in",
                            [&, n = 0](StageContext&) mutable -> std::optional<SourceItem> {
                              if (n++ == 3) return std::nullopt;
                              life.events.push_back("next");
                              return LambdaGraph::number_item(n);
                            }),
               "in");
    life.watch(add_sleeper(graph, 1ms), "sleeps");
    life.watch(graph.transform("out", [](std::int64_t n, StageContext&) { return n; }), "out");
    run_on_stepper(graph, seed);
    ASSERT_GE(life.events.size(), 4U);
    EXPECT_THAT(std::vector<std::string>(life.events.begin(), life.events.begin() + 4),
                ElementsAre("open in", "open sleeps", "open out", "next"));
  });
}

TEST(Close, GoesStageByStageOnceAfterTheLastBody) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    Life life;
    LambdaGraph graph;
    const auto visit = [&life](const char* name) {
      return [&life, name](std::int64_t n, StageContext&) {
        if (n == 19) life.events.push_back(std::string("last ") + name);
        return n;
      };
    };
    life.watch(graph.numbers("in", 20), "in");
    life.watch(graph.serial("a", visit("a")), "a").ordered();
    life.watch(add_sleeper(graph, 1ms), "sleeps");
    life.watch(graph.blocking("b", visit("b")), "b").ordered();
    life.watch(graph.serial("c", visit("c")), "c").ordered();
    run_on_stepper(graph, seed);
    life.events.erase(life.events.begin(), life.events.begin() + 5);
    const auto place = [&](const std::string& event) {
      EXPECT_EQ(std::count(life.events.begin(), life.events.end(), event), 1) << event;
      return std::find(life.events.begin(), life.events.end(), event) - life.events.begin();
    };
    for (const char* name : {"a", "b", "c"}) {
      EXPECT_LT(place(std::string("last ") + name), place(std::string("close ") + name));
    }
    EXPECT_LT(place("close in"), place("close a"));
    EXPECT_LT(place("close a"), place("close sleeps"));
    EXPECT_LT(place("close sleeps"), place("close b"));
    EXPECT_LT(place("close b"), place("close c"));
  });
}

TEST(Close, ComesOnceForEachStageAlsoAfterACancel) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    Life life;
    LambdaGraph graph;
    life.watch(add_endless(graph, "in"), "in");
    life.watch(add_sleeper(graph, 24h), "sleeps");
    life.watch(graph.collect("batches", 2), "batches");
    run_and(graph, seed, 1s, cancel);
    life.events.erase(life.events.begin(), life.events.begin() + 3);
    EXPECT_THAT(life.events, ElementsAre("close in", "close sleeps", "close batches"));
  });
}

TEST(Close, ThatThrowsAbortsTheRunAndTheOthersCloseAllTheSame) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    Life life;
    LambdaGraph graph;
    life.watch(graph.numbers("in", 3), "in").on_close([](StageContext&) { throw std::runtime_error("disk full"); });
    life.watch(graph.transform("out", [](std::int64_t n, StageContext&) { return n; }), "out");
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.outcome, RunOutcome::aborted);
    ASSERT_TRUE(report.abort.has_value());
    EXPECT_EQ(report.abort->code, "stage.close");
    EXPECT_EQ(report.abort->message, "disk full");
    EXPECT_THAT(life.events, ElementsAre("open in", "open out", "close out"));
  });
}

TEST(Open, AndCloseOfAsynchronousStagesRunWhereTheirBodiesDo) {
  std::thread::id opened;
  std::thread::id ran;
  std::thread::id closed;
  LambdaGraph graph;
  graph.numbers("in", 1);
  graph
      .async("waits",
             [&](std::int64_t n, StageContext&) -> Task<std::int64_t> {
               ran = std::this_thread::get_id();
               co_return n;
             })
      .on_open([&](StageContext&) { opened = std::this_thread::get_id(); })
      .on_close([&](StageContext&) { closed = std::this_thread::get_id(); });
  run_on_threads(graph, 2);
  EXPECT_EQ(opened, ran);
  EXPECT_EQ(closed, ran);
  EXPECT_NE(ran, std::this_thread::get_id());
}

}  // namespace
}  // namespace penstock::test
