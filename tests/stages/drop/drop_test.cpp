// The stage `drop`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/drop/drop.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;

SourceItem item(std::int64_t width) {
  SourceItem result{.key = "k", .payload = Payload(Integer{7})};
  result.attributes.set("width", width);
  return result;
}

std::string error_of(const std::string& options) {
  try {
    StageRunner runner(drop_spec(), options);
  } catch (const ConfigError& error) {
    const Diagnostic& first = error.diagnostics().front();
    return first.code + " at " + first.where.pointer;
  }
  return {};
}

TEST(Drop, DropsItemsForWhichTheConditionHolds) {
  StageRunner runner(drop_spec(), R"({"when": {"attribute": "width", "less_than": 100}})");
  const Outcome outcome = runner.run(item(99));
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::dropped);
  EXPECT_EQ(outcome.drop_reason, "the condition holds");
}

TEST(Drop, PassesTheOthersUnchanged) {
  StageRunner runner(drop_spec(), R"({"when": {"attribute": "width", "less_than": 100}})");
  const Outcome outcome = runner.run(item(100));
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::emitted);
  EXPECT_EQ(outcome.payload<Integer>().value, 7);
  EXPECT_EQ(*outcome.attributes.find("width"), AttributeValue(std::int64_t{100}));
}

TEST(Drop, ExplainsItselfByATemplate) {
  StageRunner runner(drop_spec(),
                     R"({"when": {"attribute": "width", "less_than": 100}, "reason": "{key} is only {width} wide"})");
  EXPECT_EQ(runner.run(item(5)).drop_reason, "k is only 5 wide");
}

TEST(Drop, FailsItemsWhoseReasonNeedsAMissingAttribute) {
  StageRunner runner(drop_spec(), R"({"when": {"attribute": "width", "exists": true}, "reason": "{height}"})");
  const Outcome outcome = runner.run(item(5));
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::failed);
  EXPECT_EQ(outcome.code, "template.missing_attribute");
}

TEST(Drop, ChecksItsOptions) {
  EXPECT_EQ(error_of("{}"), "option.missing at /when");
  EXPECT_EQ(error_of(R"({"when": {"attribute": "a", "matches": "("}})"), "option.value at /when/matches");
  EXPECT_EQ(error_of(R"({"when": {"attribute": "a", "exists": true}, "reason": "{"})"), "option.template at /reason");
}

}  // namespace
}  // namespace penstock::stages
