// The stage `batch`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/batch/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/pipeline.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

SourceItem with(Payload payload, std::string key = "k") { return {std::move(key), {}, std::move(payload)}; }

TEST(Batch, EmitsAListWhenItIsFull) {
  StageRunner runner(batch_spec(), R"({"size": 2})");
  EXPECT_EQ(runner.run(with(Payload(Integer{1}), "first")).verdict, Verdict::absorbed);
  const Outcome full = runner.run(with(Payload(Text{"two"}), "second"));
  EXPECT_EQ(full.payload<Json>().value(), nlohmann::json({1, "two"}));
  EXPECT_EQ(full.key, "first");
  EXPECT_EQ(*full.attributes.find("batch.size"), AttributeValue(std::int64_t{2}));
}

TEST(Batch, TakesWhateverHasAJsonForm) {
  StageRunner runner(batch_spec(), R"({"size": 3})");
  runner.run(with(Payload(Json(nlohmann::json::object({{"a", 1}})))));
  runner.run(with(Payload(Bytes("bytes"))));
  EXPECT_EQ(runner.run(with(Payload(), "key")).payload<Json>().value(),
            nlohmann::json::array({nlohmann::json::object({{"a", 1}}), "bytes", "key"}));
}

TEST(Batch, GivesOutARest) {
  StageRunner runner(batch_spec(), R"({"size": 3})");
  runner.run(with(Payload(Integer{1})));
  EXPECT_EQ(runner.flush().payload<Json>().value(), nlohmann::json::array({1}));
}

TEST(Batch, FailsItemsThatAreNoJsonAndGoesOn) {
  StageRunner runner(batch_spec(), R"({"size": 2})");
  EXPECT_EQ(runner.run(with(Payload(Bytes("\xff")))).code, "json.not_utf8");
  runner.run(with(Payload(Integer{1})));
  EXPECT_EQ(runner.run(with(Payload(Integer{2}))).payload<Json>().value(), nlohmann::json({1, 2}));
}

TEST(Batch, MustFitTheLimits) {
  Registry registry;
  register_builtin_stages(registry);
  try {
    Pipeline::from_string(R"({"limits": {"items": 99}, "stages": [{"type": "range", "to": 5}, {"type": "batch"}]})",
                          registry);
    FAIL() << "it fits";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.diagnostics().front().code, "graph.collectors_exceed_items");
  }
}

}  // namespace
}  // namespace penstock::stages
