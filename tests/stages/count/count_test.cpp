// The stage `count`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "penstock/pipeline.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"
#include "tests/support/allowed_threads.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

TEST(Count, TakesItemsInAndSaysHowManyAtTheEnd) {
  StageRunner runner(count_spec());
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(runner.run(key).verdict, Verdict::absorbed);
  const std::optional<Outcome> last = runner.finish();
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->payload<Integer>().value, 3);
}

TEST(Count, OfNoItemsIsZero) {
  StageRunner runner(count_spec());
  EXPECT_EQ(runner.finish().value().payload<Integer>().value, 0);
}

TEST(Count, IsExactAtAnyNumberOfWorkers) {
  const test::AllowedThreads threads(9);
  Registry registry;
  register_builtin_stages(registry);
  for (const unsigned workers : {1U, 2U, 8U}) {
    const penstock::testing::TempDir folder;
    const Pipeline pipeline = Pipeline::from_string(
        R"({"stages": [{"type": "range", "to": 500000}, {"type": "count"}, {"type": "write_lines", "path": "out"}]})",
        registry, {.parameters = {}, .base = folder.path()});
    penstock::Run run = pipeline.start({.workers = workers});
    const RunReport& report = run.wait();
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 500'001, .done = 500'001}));
    EXPECT_LE(report.peak_items_in_flight, 256U);
    std::string counted;
    std::getline(std::ifstream(folder.path("out")), counted);
    EXPECT_EQ(counted, "500000");
  }
}

}  // namespace
}  // namespace penstock::stages
