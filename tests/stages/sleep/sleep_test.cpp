// The stages `sleep` and `sleep_blocking`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/sleep/sleep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "framework/runtime/run_state.h"
#include "framework/runtime/step_executor.h"
#include "penstock/pipeline.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;
using namespace std::chrono_literals;

/// On a clock that goes on only when nothing else can.
RunReport run_on_stepper(const std::string& text) {
  Registry registry;
  register_builtin_stages(registry);
  const Pipeline pipeline = Pipeline::from_string(text, registry);
  const std::shared_ptr<const graph::Graph> graph(&pipeline.graph(), [](const graph::Graph*) {});
  runtime::RunState run(graph, {}, runtime::make_step_executor(1));
  run.start();
  return run.wait();
}

TEST(Sleep, HandsItemsOnUnchanged) {
  for (const StageSpec& spec : {sleep_spec(), sleep_blocking_spec()}) {
    StageRunner runner(spec, R"({"duration": "1 ms"})");
    const Outcome outcome = runner.run({"k", {}, Payload(Integer{7})});
    EXPECT_EQ(outcome.verdict, Verdict::emitted) << spec.type;
    EXPECT_EQ(outcome.payload<Integer>().value, 7) << spec.type;
  }
}

TEST(Sleep, LetsEachItemWaitAsLongAsItSays) {
  const RunReport report = run_on_stepper(R"({"stages": [{"type": "range", "to": 3},
      {"type": "sleep", "duration": "2 s", "concurrency": 1}]})");
  EXPECT_EQ(report.items.done, 3U);
  EXPECT_GE(report.seconds, 6.0);
  EXPECT_LT(report.seconds, 6.1);
}

TEST(Sleep, AHundredThousandWaitAtOnceOnOneThread) {
  const RunReport report = run_on_stepper(R"({"limits": {"items": 100000}, "stages": [
      {"type": "range", "to": 100000}, {"name": "sleep", "type": "sleep", "duration": "1 h"}]})");
  EXPECT_EQ(report.items.done, 100'000U);
  EXPECT_EQ(report.stages.at(1).peak_in_flight, 100'000U);
  EXPECT_LT(report.seconds, 3'601);
}

TEST(Sleep, EndsWhenTheRunIsCancelled) {
  StageRunner runner(sleep_spec(), R"({"duration": "1 d"})");
  runner.open();
  runner.on_loop([&](EventLoop& loop) { loop.call_at(loop.now() + 1ms, [&] { runner.cancel(); }); });
  EXPECT_EQ(runner.run("k").verdict, Verdict::cancelled);
}

}  // namespace
}  // namespace penstock::stages
