// Watching and stopping a run from a program.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <oneapi/tbb/parallel_for.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "penstock/pipeline_builder.h"

namespace penstock {
namespace {

Pipeline host_to_host() {
  Registry registry;
  register_host_stages(registry);
  PipelineBuilder builder(registry);
  return builder.stage("input").stage("output").build();
}

TEST(Run, ReportIsThereWhenTheRunIsOver) {
  penstock::Run run = host_to_host().start();
  EXPECT_EQ(run.report(), nullptr);
  run.input().close();
  const RunReport& report = run.wait();
  EXPECT_EQ(run.report(), &report);
}

TEST(Run, StopTokenDrains) {
  std::stop_source stop;
  penstock::Run run = host_to_host().start({.stop_token = stop.get_token()});
  stop.request_stop();
  EXPECT_EQ(run.wait().outcome, RunOutcome::drained);
}

TEST(Run, StopTokenThatIsStoppedAlreadyDrainsAtOnce) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(host_to_host().start({.stop_token = stop.get_token()}).wait().outcome, RunOutcome::drained);
}

TEST(Run, OnEndIsCalledOnceWithTheReportThere) {
  std::binary_semaphore ended(0);
  std::atomic<int> calls = 0;
  penstock::Run run = host_to_host().start({.on_end = [&] {
    ++calls;
    ended.release();
  }});
  run.input().push({.key = "a"});
  run.input().close();
  run.output().pull();
  ended.acquire();
  ASSERT_NE(run.report(), nullptr);
  EXPECT_EQ(run.report()->items.done, 1U);
  run.wait();
  EXPECT_EQ(calls, 1);
}

TEST(Run, OnProgressIsCalledWhileTheRunGoesOn) {
  std::latch seen(3);
  penstock::Run run = host_to_host().start({.on_progress =
                                                [&](const Progress& progress) {
                                                  EXPECT_EQ(progress.stages.size(), 2U);
                                                  if (!seen.try_wait()) seen.count_down();
                                                },
                                            .progress_interval = std::chrono::microseconds(10)});
  seen.wait();  // The run itself does nothing at all.
  run.input().close();
  EXPECT_EQ(run.wait().outcome, RunOutcome::completed);
}

TEST(Run, OnProgressThatThrowsAbortsTheRun) {
  penstock::Run run = host_to_host().start({.on_progress = [](const Progress&) { throw std::runtime_error("full"); },
                                            .progress_interval = std::chrono::microseconds(10)});
  const RunReport& report = run.wait();
  EXPECT_EQ(report.outcome, RunOutcome::aborted);
  EXPECT_EQ(report.abort->code, "run.on_progress");
}

TEST(Run, MoveAssignmentEndsTheRunThatWasThere) {
  std::atomic<int> ended = 0;
  const Pipeline pipeline = host_to_host();
  penstock::Run run = pipeline.start({.on_end = [&] { ++ended; }});
  run = pipeline.start({.on_end = [&] { ++ended; }});
  EXPECT_EQ(ended, 1);
}

// The only worker of the run is held; the host's loop goes on in the host's own arena all the same.
TEST(Run, NeitherBlocksNorUsesTheHostsOwnArena) {
  std::latch is_inside(1);
  std::latch may_go_on(1);
  Registry registry;
  register_host_stages(registry);
  PipelineBuilder builder(registry);
  builder.stage("input").transform("hold", [&](const Payload&) {
    is_inside.count_down();
    may_go_on.wait();
  });
  penstock::Run run = builder.build().start({.workers = 1});
  run.input().push({.key = "a"});
  is_inside.wait();
  std::atomic<int> steps = 0;
  tbb::parallel_for(0, 1000, [&steps](int) { ++steps; });
  EXPECT_EQ(steps, 1000);
  EXPECT_EQ(run.progress().items.settled(), 0U);
  may_go_on.count_down();
  run.input().close();
  EXPECT_EQ(run.wait().items.done, 1U);
}

TEST(Run, SeveralGoOnAtOnce) {
  const Pipeline pipeline = host_to_host();
  std::vector<penstock::Run> runs;
  for (int i = 0; i < 8; ++i) runs.push_back(pipeline.start({.workers = 1}));
  for (penstock::Run& run : runs) EXPECT_EQ(run.input().submit({.key = "a"}).get().outcome, ItemOutcome::done);
  for (penstock::Run& run : runs) run.input().close();
  for (penstock::Run& run : runs) EXPECT_EQ(run.wait().items.done, 1U);
}

}  // namespace
}  // namespace penstock
