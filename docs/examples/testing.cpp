// Tests of stages and pipelines with GoogleTest; docs/testing.md walks through them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/testing/gtest.h"
#include "penstock/testing/manual_clock.h"
#include "penstock/testing/pipeline_runner.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"
#include "stages/common/http_recording.h"

namespace {

using namespace std::chrono_literals;
using namespace penstock;
using namespace penstock::testing;

Registry builtin_stages() {
  Registry registry;
  stages::register_builtin_stages(registry);
  return registry;
}

PipelineRunner photos() { return PipelineRunner::from_file("docs/examples/photos.json", builtin_stages()); }

Bytes photo() {
  std::ifstream file("configs/samples/photos/flower.jpg", std::ios::binary);
  return Bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

constexpr ErrorCode kBusy{"download.http_503", "The server is busy.", Persistence::transient};

TEST(Photos, ADownloadThatFailsThreeTimesSucceedsAtLast) {
  PipelineRunner runner = photos();
  runner.feed("urls", {{.key = "a"}, {.key = "b"}});
  runner.replace("download", [](const Payload&) { return photo(); });
  runner.fail("download", Calls::first(3).of("b"), ItemError(kBusy));

  const PipelineResult result = runner.run();

  expect_balanced(result.report);
  EXPECT_EQ(result.keys("upload"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(result.stage("download").retries, 3U);
}

TEST(Photos, ASilentServerCostsFourMinutesOfNoTime) {
  PipelineRunner runner = photos();
  runner.feed("urls", {{.key = "a"}});
  runner.delay("download", Calls::all(), 1h);

  const PipelineResult result = runner.run();

  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].code, "download.timeout");
  EXPECT_EQ(result.failures[0].attempts, 4U);
  EXPECT_GE(result.elapsed, 240s);
}

TEST(Photos, ArriveInTheOrderOfTheListWhateverHappens) {
  PipelineRunner runner = photos();
  runner.feed("urls", {{.key = "a"}, {.key = "b"}, {.key = "c"}});
  runner.replace("download", [](const Payload&, StageContext& context) -> Task<Bytes> {
    co_await context.sleep_for(context.key() == "a" ? 2s : 1s);
    co_return photo();
  });

  expect_for_each_seed(50, [&](std::uint64_t seed) {
    const PipelineResult result = runner.run(seed);
    EXPECT_EQ(result.keys("upload"), (std::vector<std::string>{"a", "b", "c"}));
  });
}

TEST(Download, GivesUpAfterItsTimeout) {
  const auto recording = stages::HttpRecording::load("docs/examples/photos.http.json");
  ManualClock clock;
  Registry registry;
  stages::register_builtin_stages(registry, {.http_transport = replay_http(recording)});
  StageRunner runner(*registry.find("download"), "{}", {.timeout = 60s, .clock = &clock});
  EXPECT_EQ(runner.run("https://silent.example/b").code, "download.timeout");
  EXPECT_EQ(clock.elapsed(), 60s);
}

}  // namespace
