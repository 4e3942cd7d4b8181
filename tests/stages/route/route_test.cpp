// The stage `route`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/route/route.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;

constexpr std::string_view kPorts = R"("ports": {"small": {"attribute": "width", "less_than": 100},
                                                 "square": {"attribute": "square", "equals": true}})";

SourceItem item(std::int64_t width, bool is_square = false) {
  SourceItem result{.key = "k", .payload = Payload(Integer{7})};
  result.attributes.set("width", width);
  result.attributes.set("square", is_square);
  return result;
}

std::string error_of(const std::string& options) {
  try {
    StageRunner runner(route_spec(), options);
  } catch (const ConfigError& error) {
    const Diagnostic& first = error.diagnostics().front();
    return first.code + " at " + first.where.pointer + ": " + first.message;
  }
  return {};
}

TEST(RouteStage, SendsItemsToTheFirstPortThatTakesThem) {
  StageRunner runner(route_spec(), "{" + std::string(kPorts) + R"(, "otherwise": "rest"})");
  EXPECT_EQ(runner.run(item(50)).emitted.at(0).port, "small");
  EXPECT_EQ(runner.run(item(50, true)).emitted.at(0).port, "small");
  EXPECT_EQ(runner.run(item(500, true)).emitted.at(0).port, "square");
  EXPECT_EQ(runner.run(item(500)).emitted.at(0).port, "rest");
}

TEST(RouteStage, PassesPayloadAndAttributesOn) {
  StageRunner runner(route_spec(), "{" + std::string(kPorts) + "}");
  const Outcome outcome = runner.run(item(50));
  EXPECT_EQ(outcome.payload<Integer>().value, 7);
  EXPECT_EQ(*outcome.emitted.at(0).attributes.find("width"), AttributeValue(std::int64_t{50}));
}

TEST(RouteStage, DropsWhatNoPortTakesWithoutOtherwise) {
  StageRunner runner(route_spec(), "{" + std::string(kPorts) + "}");
  const Outcome outcome = runner.run(item(500));
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::dropped);
  EXPECT_EQ(outcome.drop_reason, "no port takes it");
}

TEST(RouteStage, ChecksItsPorts) {
  EXPECT_EQ(error_of(R"({"ports": {}})"), "option.range at /ports: the value is out of range");
  EXPECT_EQ(error_of(R"({"ports": {"failed": {"attribute": "a", "exists": true}}})"),
            "option.value at /ports: the port `failed` is there already: every stage has it");
  EXPECT_EQ(error_of(R"({"ports": {"a.b": {"attribute": "a", "exists": true}}})"),
            "option.value at /ports: expected the name of a port (letters, digits, `_`, `-`), got \"a.b\"");
  EXPECT_EQ(error_of(R"({"ports": {"": {"attribute": "a", "exists": true}}})"),
            "option.value at /ports: expected the name of a port (letters, digits, `_`, `-`), got \"\"");
  EXPECT_EQ(error_of(R"({"ports": {"a": {"attribute": "a", "exists": true}}, "otherwise": "a"})"),
            "option.value at /otherwise: `otherwise` names the port `a`, which has a condition of its own");
  EXPECT_EQ(error_of(R"({"ports": {"a": {"attribute": "a", "exists": true}}, "otherwise": "failed"})"),
            "option.value at /otherwise: the port `failed` is there already: every stage has it");
  EXPECT_EQ(error_of(R"({"ports": {"a": {"attribute": "a", "exists": true}}, "otherwise": ""})"),
            "option.value at /otherwise: expected the name of a port (letters, digits, `_`, `-`), got \"\"");
  EXPECT_TRUE(error_of(R"({"ports": {"a": {"attribute": "a"}}})").starts_with("option.missing at /ports/a: "));
  EXPECT_TRUE(error_of(R"({"ports": {"a": {"any": [{"attribute": "a", "less": 1}]}}})")
                  .starts_with("option.unknown at /ports/a/any/0/less: "));
}

TEST(RouteStage, ReportsTheAttributesThatItReads) {
  const StageSpec spec = route_spec();
  const auto params = spec.make_params();
  const OptionValue ports = OptionMap{{"a", OptionMap{{"attribute", "x"}, {"exists", true}}},
                                      {"b", OptionMap{{"attribute", "y"}, {"exists", true}}}};
  spec.params.at(0).set(params.get(), ports, {});
  EXPECT_EQ(spec.params.at(0).used_attributes(params.get()), (std::vector<std::string>{"x", "y"}));
}

}  // namespace
}  // namespace penstock::stages
