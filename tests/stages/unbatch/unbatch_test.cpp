// The stage `unbatch`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/unbatch/unbatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "penstock/testing/stage_runner.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

TEST(Unbatch, EmitsTheElementsInOrder) {
  StageRunner runner(unbatch_spec());
  const Outcome outcome = runner.run({"k", {}, Payload(Json(nlohmann::json({1, "two", nullptr})))});
  ASSERT_EQ(outcome.emitted.size(), 3U);
  EXPECT_EQ(outcome.emitted[0].payload.get<Json>().value(), 1);
  EXPECT_EQ(outcome.emitted[1].payload.get<Json>().value(), "two");
  EXPECT_EQ(outcome.emitted[2].payload.get<Json>().value(), nullptr);
}

TEST(Unbatch, OfAnEmptyListEmitsNothing) {
  StageRunner runner(unbatch_spec());
  EXPECT_TRUE(runner.run({"k", {}, Payload(Json(nlohmann::json::array()))}).emitted.empty());
}

TEST(Unbatch, RefusesWhatIsNoList) {
  StageRunner runner(unbatch_spec());
  EXPECT_EQ(runner.run({"k", {}, Payload(Json(nlohmann::json::object({{"a", 1}})))}).code, "unbatch.not_a_list");
}

}  // namespace
}  // namespace penstock::stages
