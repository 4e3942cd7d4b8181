// Cancel and drain at every point of a run's life, from every thread.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

#include "tests/support/allowed_threads.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

/// A graph with every kind of stage; `hook` is run at one point of its life.
LambdaGraph graph_of_all_kinds(const std::string& point, const std::function<void()>& hook) {
  const auto at = [&](const char* name) -> std::function<void(StageContext&)> {
    if (point != name) return [](StageContext&) {};
    return [hook](StageContext&) { hook(); };
  };
  const auto pass = [](std::int64_t n, StageContext&) { return n; };
  LambdaGraph graph;
  graph.items(16);
  graph.numbers("numbers", 300).on_open(at("first open")).on_close(at("first close"));
  graph.async_source("emits", [](SourceOutput& output, StageContext& context) -> Task<void> {
    for (int i = 0; i < 300; ++i) {
      SourceItem item = LambdaGraph::number_item(i);
      if (!output.try_emit(item)) co_await output.emit(std::move(item));
      if (i % 50 == 49) co_await context.sleep_for(10us);
    }
  });
  graph.transform("computes", pass).from("numbers", "emits");
  graph
      .async("waits",
             [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
               co_await context.sleep_for(1us);
               co_return n;
             })
      .on_open(at("async open"))
      .on_close(at("async close"));
  graph.blocking("blocks", pass).concurrency(2).queue(1);
  graph.expand("splits", [](std::int64_t n, StageContext&) -> Generator<std::int64_t> {
    co_yield n;
    co_yield n;
  });
  graph.collect("batches", 3);
  graph.serial("out", pass).ordered().on_open(at("last open")).on_close(at("last close"));
  return graph;
}

TEST(Cancel, MayComeAtAnyPointOfTheRunOnAnyThread) {
  const AllowedThreads threads(9);
  for (const unsigned workers : {1U, 2U, 8U}) {
    for (const char* point : {"first open", "async open", "last open", "first close", "async close", "last close",
                              "after start", "while it starts"}) {
      SCOPED_TRACE(std::string(point) + " with " + std::to_string(workers) + " workers");
      for (int repeat = 0; repeat < 10; ++repeat) {
        runtime::RunState* running = nullptr;
        const LambdaGraph graph = graph_of_all_kinds(point, [&] { running->cancel(); });
        runtime::RunState run(graph.build(), {}, runtime::make_tbb_executor(workers, 8));
        running = &run;
        std::thread other;
        if (std::string(point) == "while it starts") other = std::thread([&] { run.cancel(); });
        run.start();
        if (std::string(point) == "after start") run.cancel();
        if (other.joinable()) other.join();
        const RunReport& report = run.wait();
        EXPECT_TRUE(report.items.is_balanced());
        EXPECT_NE(report.outcome, RunOutcome::aborted);
      }
    }
  }
}

TEST(Drain, MayComeAtAnyPointOfTheRunOnAnyThread) {
  const AllowedThreads threads(9);
  for (const unsigned workers : {1U, 2U, 8U}) {
    for (const char* point : {"first open", "async open", "last open", "first close", "last close", "after start"}) {
      SCOPED_TRACE(std::string(point) + " with " + std::to_string(workers) + " workers");
      for (int repeat = 0; repeat < 10; ++repeat) {
        runtime::RunState* running = nullptr;
        const LambdaGraph graph = graph_of_all_kinds(point, [&] { running->drain(); });
        runtime::RunState run(graph.build(), {}, runtime::make_tbb_executor(workers, 8));
        running = &run;
        run.start();
        if (std::string(point) == "after start") run.drain();
        const RunReport& report = run.wait();
        EXPECT_EQ(report.items.done, report.items.admitted);
      }
    }
  }
}

}  // namespace
}  // namespace penstock::test
