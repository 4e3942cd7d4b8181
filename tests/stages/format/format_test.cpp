// The stage `format`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/format/format.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

SourceItem with(Payload payload, std::string key = "k") { return {std::move(key), {}, std::move(payload)}; }

std::string formatted(Payload payload, const char* options = "{}") {
  StageRunner runner(format_spec(), options);
  const Outcome outcome = runner.run(with(std::move(payload)));
  if (outcome.verdict != Verdict::emitted) return outcome.code;
  return std::string(outcome.payload<Bytes>().view());
}

TEST(Format, WritesEachTypeAsItReads) {
  EXPECT_EQ(formatted(Payload(Integer{-5})), "-5");
  EXPECT_EQ(formatted(Payload(Text{"a\nb"})), "a\nb");
  EXPECT_EQ(formatted(Payload(Bytes("\xff"))), "\xff");
  EXPECT_EQ(formatted(Payload(Json({{"b", 1}, {"a", {1.5, nullptr}}}))), R"({"a":[1.5,null],"b":1})");
  EXPECT_EQ(formatted(Payload(Json("text"))), "text");
  EXPECT_EQ(formatted(Payload()), "k");
}

TEST(Format, FillsATemplate) {
  StageRunner runner(format_spec(), R"({"text": "{key} has {n}"})");
  SourceItem item = with(Payload(Integer{1}));
  item.attributes.set("n", std::int64_t{3});
  EXPECT_EQ(runner.run(std::move(item)).payload<Bytes>().view(), "k has 3");
}

TEST(Format, FailsWithoutTheAttributeThatItsTemplateNames) {
  EXPECT_EQ(formatted(Payload(), R"({"text": "{n}"})"), "template.missing_attribute");
}

TEST(Format, SetsAnAttributeAndLeavesThePayloadAlone) {
  StageRunner runner(format_spec(), R"({"attribute": "text"})");
  const Outcome outcome = runner.run(with(Payload(Integer{12})));
  EXPECT_EQ(outcome.payload<Integer>().value, 12);
  EXPECT_EQ(*outcome.attributes.find("text"), AttributeValue(std::string("12")));
}

TEST(Format, RefusesAttributesThatAreNoText) {
  EXPECT_EQ(formatted(Payload(Bytes("\xff")), R"({"attribute": "text"})"), "json.not_utf8");
}

TEST(Format, RefusesJsonThatIsNoUtf8) {
  EXPECT_EQ(formatted(Payload(Json(nlohmann::json::array({"\xff"})))), "json.not_utf8");
}

}  // namespace
}  // namespace penstock::stages
