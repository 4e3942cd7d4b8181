// Fusion: which stages share a node, and that nobody can tell by the results.
// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/segment_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <map>
#include <string>
#include <vector>

#include "tests/support/allowed_threads.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

std::int64_t pass(std::int64_t n, StageContext&) { return n; }

/// `"in | a+b | out"`.
std::string plan_of(const LambdaGraph& made) {
  const auto graph = made.build();
  std::string text;
  for (const runtime::PlannedSegment& segment : runtime::plan_segments(*graph)) {
    if (!text.empty()) text += " | ";
    for (std::size_t i = 0; i < segment.stages.size(); ++i) {
      text += (i > 0 ? "+" : "") + graph->stages[segment.stages[i]].name;
    }
  }
  return text;
}

struct PlanCase {
  const char* name;
  std::function<void(LambdaGraph&)> add;  ///< Between the source "in" and the transform "out".
  const char* expected;
};

std::vector<PlanCase> plan_cases() {
  return {
      {"compute stages of unlimited concurrency",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass);
       },
       "in | a+b+out"},
      {"a limit",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).concurrency(2);
       },
       "in | a | b | out"},
      {"a serial stage",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.serial("b", pass);
       },
       "in | a | b | out"},
      {"a queue",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).queue(2);
       },
       "in | a | b | out"},
      {"an order",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).ordered();
       },
       "in | a | b | out"},
      {"a retry",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).retry(2, 1ms);
       },
       "in | a | b | out"},
      {"a memory need",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.measured(
             "b", [](std::int64_t) { return 1; }, pass);
       },
       "in | a | b | out"},
      {"`fuse` at the first",
       [](LambdaGraph& g) {
         g.transform("a", pass).unfused();
         g.transform("b", pass);
       },
       "in | a | b+out"},
      {"`fuse` at the second",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).unfused();
       },
       "in | a | b | out"},
      {"an expansion",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.expand("b", [](std::int64_t n, StageContext&) -> Generator<std::int64_t> { co_yield n; });
       },
       "in | a | b | out"},
      {"a collector",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.collect("b", 2);
       },
       "in | a | b | out"},
      {"a coroutine",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.async("b", [](std::int64_t n, StageContext&) -> Task<std::int64_t> { co_return n; });
       },
       "in | a | b | out"},
      {"a blocking stage",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.blocking("b", pass);
       },
       "in | a | b | out"},
      {"a fan-out",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).from("a");
         g.transform("c", pass).from("a");
       },
       "in | a | b | c+out"},
      {"a merge",
       [](LambdaGraph& g) {
         g.transform("a", pass).from("in");
         g.transform("b", pass).from("in");
         g.transform("c", pass).from("a", "b");
       },
       "in | a | b | c+out"},
      {"a failed port that is read",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass).from("a");
         g.transform("c", pass).from("a.failed");
       },
       "in | a | b | c+out"},
      {"a route of several ports",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.route("b", {"x", "y"}, [](std::int64_t) { return 0; });
         g.transform("c", pass).from("b.x");
       },
       "in | a+b | c+out"},
      {"a stage that emits at its end",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.transform("b", pass, [](StageContext&) { return std::optional(std::int64_t{0}); });
       },
       "in | a+b | out"},
      {"a route of one port, which is no obstacle",
       [](LambdaGraph& g) {
         g.transform("a", pass);
         g.route("b", {"x"}, [](std::int64_t) { return 0; });
       },
       "in | a+b+out"},
  };
}

TEST(Fusion, JoinsComputeStagesAndStopsAtEverythingElse) {
  for (const PlanCase& entry : plan_cases()) {
    LambdaGraph graph;
    graph.numbers("in", 1);
    entry.add(graph);
    graph.transform("out", pass);
    EXPECT_EQ(plan_of(graph), entry.expected) << entry.name;
  }
}

TEST(Fusion, DoesNotShowInTheResults) {
  for_seeds(20, [](std::uint64_t seed) {
    const auto run = [&](bool fuse) {
      std::vector<std::int64_t> seen;
      LambdaGraph graph;
      graph.numbers("in", 200);
      const auto may_fuse = [&](StageHandle stage) {
        if (!fuse) stage.unfused();
      };
      may_fuse(graph.transform("drops", [](std::int64_t n, StageContext& context) -> Maybe<std::int64_t> {
        if (n % 5 == 0) return context.drop("fifth");
        return n;
      }));
      may_fuse(graph.transform("fails", [](std::int64_t n, StageContext& context) {
        context.set_attribute("n", n);
        if (n % 7 == 0) throw std::runtime_error("seventh");
        return 3 * n;
      }));
      may_fuse(graph.transform("adds", [](std::int64_t n, StageContext& context) {
        return n + std::get<std::int64_t>(*context.attributes().find("n"));
      }));
      graph.sink("out", seen);
      const RunReport report = run_on_stepper(graph, seed);
      std::sort(seen.begin(), seen.end());
      return std::pair(seen, report.items);
    };
    const auto fused = run(true);
    EXPECT_EQ(fused, run(false));
    EXPECT_EQ(fused.second, (ItemCounts{.admitted = 200, .done = 137, .dropped = 40, .failed = 23}));
  });
}

/// Runs nodes as jobs of the stepper and numbers them, so that bodies can tell in which call of a node they ran.
class NodeCounter final : public runtime::Executor {
 public:
  explicit NodeCounter(std::uint64_t seed) : inner_(runtime::make_step_executor(seed)) {}
  std::uint64_t current() const { return current_; }

  void attach(runtime::Node&) override {}
  void put(runtime::Node& node, runtime::Bunch* message) override {
    inner_->run_blocking([this, &node, message] {
      ++current_;
      if (runtime::Bunch* by_edge = node.run(message)) put(*node.edge, by_edge);
    });
  }
  EventLoop& loop() override { return inner_->loop(); }
  void run_blocking(std::function<void()> work) override { inner_->run_blocking(std::move(work)); }
  void run_parallel(const std::function<void()>& work) override { inner_->run_parallel(work); }
  void run_on_loop(const std::function<void()>& work) override { inner_->run_on_loop(work); }
  void wait_done() override { inner_->wait_done(); }
  void done() override { inner_->done(); }
  void shut_down() override { inner_->shut_down(); }
  unsigned workers() const override { return 2; }
  double random() override { return inner_->random(); }

 private:
  std::unique_ptr<runtime::Executor> inner_;
  std::uint64_t current_ = 0;
};

/// How many bodies ran in each call of the node.
std::map<std::uint64_t, int> bodies_per_call(std::uint64_t seed, std::int64_t items, Duration each) {
  auto executor = std::make_unique<NodeCounter>(seed);
  const NodeCounter& counter = *executor;
  std::map<std::uint64_t, int> bodies;
  LambdaGraph graph;
  graph.numbers("in", items);
  graph.transform("works", [&](std::int64_t n, StageContext&) {
    ++bodies[counter.current()];
    const auto until = std::chrono::steady_clock::now() + each;
    while (std::chrono::steady_clock::now() < until) {
    }
    return n;
  });
  runtime::RunState run(graph.build(), {}, std::move(executor));
  run.start();
  run.wait();
  return bodies;
}

TEST(Bunches, GiveBackTheRestAfterEveryBodyThatTakesLong) {
  // Whatever else a worker was given, it goes back after one body of more than 100 us: another worker may take it.
  const auto bodies = bodies_per_call(1, 64, 150us);
  EXPECT_EQ(bodies.size(), 64U);
}

TEST(Bunches, KeepQuickBodiesTogether) {
  const auto bodies = bodies_per_call(1, 20'000, 0ns);
  EXPECT_LT(bodies.size(), 10'000U);
}

TEST(Bunches, BeginWithOneSoThatTwoWorkersMeetAtOnce) {
  // The first two bodies can only end together. A worker that was given both at the start would wait for ever.
  const AllowedThreads threads(3);
  std::latch both(2);
  std::atomic<int> begun{0};
  LambdaGraph graph;
  graph.numbers("in", 64);
  graph.transform("works", [&](std::int64_t n, StageContext&) {
    if (begun++ < 2) both.arrive_and_wait();
    return n;
  });
  EXPECT_EQ(run_on_threads(graph, 2).items.done, 64U);
}

}  // namespace
}  // namespace penstock::test
