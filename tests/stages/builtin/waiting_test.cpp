// A pipeline that waits for the network, for timers and for its gate costs no processor time.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "penstock/pipeline.h"
#include "stages/builtin.h"
#include "tests/support/direct_network.h"
#include "tests/support/fault_server.h"

namespace penstock::stages {
namespace {

using penstock::testing::FaultScript;
using penstock::testing::FaultServer;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(Waiting, ForDownloadsTimersAndTheGateUsesNoProcessor) {
  penstock::testing::use_no_proxy();
  constexpr int kDownloads = 20;
  const FaultServer server({{"/silent", FaultScript{.answer = "", .end = FaultScript::End::stall}}});
  Registry registry;
  register_builtin_stages(registry);
  // The gate lets 40 in: 20 that download, 20 that sleep; 960 are left before it.
  const Pipeline pipeline = Pipeline::from_string(
      R"({"limits": {"items": 40}, "stages": [
        {"name": "numbers", "type": "range", "to": 1000},
        {"name": "number", "type": "parse", "as": "integer", "text": "{key}", "attribute": "number"},
        {"name": "ways", "type": "route", "ports": {"download": {"attribute": "number", "less_than": 20}},
         "otherwise": "sleep"},
        {"name": "download", "type": "download", "from": "ways.download", "network": "any", "url": ")" +
          server.url("/silent") + R"("},
        {"name": "sleep", "type": "sleep", "from": "ways.sleep", "duration": "1 h"}]})",
      registry);
  penstock::Run run = pipeline.start({.workers = 2});
  server.wait_for_requests(kDownloads);
  usleep(300'000);  // oneTBB's workers look for work for a moment before they sleep.
  const double before = cpu_seconds();
  usleep(2'000'000);
  EXPECT_LT(cpu_seconds() - before, 0.005);
  const Progress progress = run.progress();
  EXPECT_EQ(progress.items.admitted, 40U);
  EXPECT_EQ(progress.items.settled(), 0U);
  run.cancel();
  EXPECT_EQ(run.wait().items.cancelled, 40U);
}

}  // namespace
}  // namespace penstock::stages
