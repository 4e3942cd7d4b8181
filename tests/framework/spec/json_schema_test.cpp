// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/json_schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "framework/testing/conformance/schema_validator.h"
#include "tests/framework/spec/sample_stage.h"

namespace penstock::spec {
namespace {

using Json = nlohmann::ordered_json;

Json sample_schema() { return json_schema({std::make_shared<const StageSpec>(sample_spec())}, {}); }

/// Whether the schema accepts a pipeline of one stage: the sample with `more` keys.
bool accepts(const std::string& more) {
  static const testing::SchemaValidator kValidator(sample_schema());
  Json stage = Json::parse(R"({"type": "sample", "to": "out", "width": 3})");
  stage.update(Json::parse(more));
  return kValidator.accepts({{"stages", {stage}}});
}

TEST(JsonSchema, AcceptsTheExampleOfAStage) { EXPECT_TRUE(accepts("{}")); }

TEST(JsonSchema, RefusesUnknownKeys) { EXPECT_FALSE(accepts(R"({"widht": 3})")); }

TEST(JsonSchema, RefusesUnknownStageTypes) { EXPECT_FALSE(accepts(R"({"type": "simple"})")); }

TEST(JsonSchema, RefusesAMissingOption) {
  const testing::SchemaValidator validator(sample_schema());
  EXPECT_FALSE(validator.accepts(Json::parse(R"({"stages": [{"type": "sample", "width": 3}]})")));
}

TEST(JsonSchema, RefusesAStageThatNeedsOneOfSeveralOptionsAndHasNone) {
  EXPECT_FALSE(accepts(R"({"width": 0})"));
  EXPECT_TRUE(accepts(R"({"width": 0, "max_bytes": "1 kB"})"));
}

TEST(JsonSchema, RefusesEmptyPipelines) {
  const testing::SchemaValidator validator(sample_schema());
  EXPECT_FALSE(validator.accepts(Json::parse("{}")));
  EXPECT_FALSE(validator.accepts(Json::parse(R"({"stages": []})")));
}

TEST(JsonSchema, AcceptsValuesAtTheBounds) {
  for (const char* more :
       {R"({"width": 65535})", R"({"scale": 0.5})", R"({"scale": 2})", R"({"enlarge": true})", R"({"fit": "stretch"})",
        R"({"wait": "1 ms"})", R"({"wait": "1.5 min"})", R"({"max_bytes": "1 B"})", R"({"formats": ["png", "webp"]})",
        R"({"headers": {"a": "b"}})", R"({"padding": {"left": 1}})", R"({"width": 3.0})"}) {
    EXPECT_TRUE(accepts(more)) << more;
  }
}

TEST(JsonSchema, RefusesValuesOfTheWrongTypeOrOutOfRange) {
  for (const char* more : {R"({"width": -1})",
                           R"({"width": 65536})",
                           R"({"width": "3"})",
                           R"({"width": 1.5})",
                           R"({"scale": 0.4})",
                           R"({"scale": true})",
                           R"({"enlarge": "yes"})",
                           R"({"fit": "inner"})",
                           R"({"to": ""})",
                           R"({"to": 3})",
                           R"({"wait": 15})",
                           R"({"wait": "15"})",
                           R"({"wait": "999 us"})",
                           R"({"wait": "91 s"})",
                           R"({"max_bytes": "0 B"})",
                           R"({"formats": []})",
                           R"({"formats": [3]})",
                           R"({"headers": {"a": 3}})",
                           R"({"padding": {"left": -1}})",
                           R"({"padding": {"right": 1}})",
                           R"({"padding": 3})",
                           R"({"width": null})"}) {
    EXPECT_FALSE(accepts(more)) << more;
  }
}

TEST(JsonSchema, AcceptsAParameterWhereverAValueStands) {
  for (const char* more :
       {R"({"width": "${w}"})", R"({"enlarge": "${env:ENLARGE}"})", R"({"fit": "${a}side"})", R"({"wait": "${n} s"})",
        R"({"to": "${to}"})", R"({"formats": "${formats}"})", R"({"formats": ["${format}"]})",
        R"({"padding": "${padding}"})", R"({"padding": {"left": "${left}"}})"}) {
    EXPECT_TRUE(accepts(more)) << more;
  }
}

TEST(JsonSchema, RefusesTextAroundAParameterThatMustBeANumber) { EXPECT_FALSE(accepts(R"({"width": "1${w}"})")); }

TEST(JsonSchema, ShowsTheDefaultsOfTheOptionsStruct) {
  const Json properties = sample_schema()["$defs"]["stage_sample"]["properties"];
  EXPECT_EQ(properties["width"]["default"], 0);
  EXPECT_EQ(properties["fit"]["default"], "inside");
  EXPECT_EQ(properties["wait"]["default"], "15 s");
  EXPECT_FALSE(properties["to"].contains("default"));
  EXPECT_EQ(properties["padding"]["anyOf"][0]["properties"]["top"]["default"], 2);
}

TEST(JsonSchema, HoistsTheDefinitionsOfAnOption) {
  StageSpec spec = sample_spec();
  ParamSpec when = spec.params[2];
  when.name = "when";
  when.type = {.kind = OptionType::Kind::json,
               .schema = R"({"$ref": "#/$defs/depth", "$defs": {"depth": {"type": "integer"}}})"};
  spec.params.push_back(when);
  const Json schema = json_schema({std::make_shared<const StageSpec>(spec)}, {});
  const testing::SchemaValidator validator(schema);
  EXPECT_EQ(schema["$defs"]["depth"]["type"], "integer");
  EXPECT_TRUE(
      validator.accepts(Json::parse(R"({"stages": [{"type": "sample", "to": "out", "width": 3, "when": 3}]})")));
  EXPECT_FALSE(
      validator.accepts(Json::parse(R"({"stages": [{"type": "sample", "to": "out", "width": 3, "when": "no"}]})")));
}

}  // namespace
}  // namespace penstock::spec
