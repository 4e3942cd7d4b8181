// The schema and `check` agree: on every built-in stage type, with values made from its declaration.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/load_pipeline.h"
#include "framework/config/pipeline_config.h"
#include "framework/spec/json_schema.h"
#include "framework/testing/conformance/schema_validator.h"

namespace penstock::cli {
namespace {

using Json = nlohmann::ordered_json;
using Kind = OptionType::Kind;

const testing::SchemaValidator& validator() {
  static const testing::SchemaValidator kValidator(
      spec::json_schema(builtin_registry().specs(), config::document_spec()));
  return kValidator;
}

/// The example of `spec`, fed by a source when it needs one.
Json pipeline_with(const StageSpec& spec, const Json& stage) {
  Json stages = Json::array();
  if (spec.input) stages.push_back({{"name", "source_"}, {"type", "csv"}, {"path", "in.csv"}, {"key", "id"}});
  stages.push_back(stage);
  if (!spec.input) {
    stages.push_back({{"name", "sink_"}, {"type", "drop"}, {"when", {{"attribute", "error.code"}, {"exists", true}}}});
  }
  return {{"params", {{"p", 1}}}, {"stages", std::move(stages)}};
}

struct Verdict {
  bool passes = true;
  std::string mistake;  ///< One of those mistakes of options that the schema must find too; may be empty.
};

Verdict check(const Json& pipeline) {
  try {
    Pipeline::from_string(pipeline.dump(), builtin_registry());
    return {};
  } catch (const ConfigError& error) {
    for (const Diagnostic& found : error.diagnostics()) {
      const bool is_plain = found.code == "option.unknown" || found.code == "option.type" ||
                            found.code == "option.range" || found.code == "option.missing";
      if (is_plain) return {false, to_string(found)};
    }
    return {false, {}};
  }
}

std::vector<Json> candidates(const ParamSpec& param) {
  std::vector<Json> values = {nullptr,
                              true,
                              -1,
                              0,
                              1,
                              1.5,
                              "",
                              "x",
                              "1 s",
                              "1 kB",
                              "1 ns",
                              Json::array(),
                              Json::object(),
                              "${p}",
                              "a${p}",
                              Json::array({1}),
                              Json::array({"x"}),
                              Json{{"a", 1}},
                              Json{{"a", "b"}}};
  for (const auto& bound : {param.type.range.min, param.type.range.max}) {
    if (!bound) continue;
    for (const double value : {*bound - 1, *bound, *bound + 1}) {
      if (param.type.kind == Kind::integer) values.push_back(static_cast<std::int64_t>(value));
      if (param.type.kind == Kind::number) values.push_back(value);
      if (value < 0 || value > 1e18) continue;
      if (param.type.kind == Kind::duration) values.push_back(to_string(Duration(static_cast<Duration::rep>(value))));
      if (param.type.kind == Kind::byte_size) {
        values.push_back(to_string(ByteSize{static_cast<std::uint64_t>(value)}));
      }
      if (param.type.kind == Kind::text && value < 1e5)
        values.push_back(std::string(static_cast<std::size_t>(value), 'x'));
    }
  }
  for (const std::string& choice : param.type.choices) values.push_back(choice);
  return values;
}

void expect_agreement(const Json& pipeline) {
  const bool is_accepted = validator().accepts(pipeline);
  const Verdict verdict = check(pipeline);
  const std::string text = pipeline.dump();
  if (verdict.passes) {
    EXPECT_TRUE(is_accepted) << "check accepts, the schema does not: " << text;
  } else if (!verdict.mistake.empty() && text.find("${") == std::string::npos) {
    // What a parameter stands for only `check` knows.
    EXPECT_FALSE(is_accepted) << "the schema accepts: " << text << "\n" << verdict.mistake;
  }
}

TEST(SchemaAgreement, BothAcceptEveryExample) {
  for (const auto& spec : builtin_registry().specs()) {
    const Json stage = Json::parse(spec->example);
    EXPECT_TRUE(validator().accepts(pipeline_with(*spec, stage))) << spec->type;
  }
}

TEST(SchemaAgreement, BothJudgeEveryOptionAlike) {
  for (const auto& spec : builtin_registry().specs()) {
    for (const ParamSpec& param : spec->params) {
      for (const Json& value : candidates(param)) {
        Json stage = Json::parse(spec->example);
        stage[param.name] = value;
        expect_agreement(pipeline_with(*spec, stage));
      }
      Json without = Json::parse(spec->example);
      without.erase(param.name);
      expect_agreement(pipeline_with(*spec, without));
    }
    Json stage = Json::parse(spec->example);
    stage["no_such_option"] = 1;
    expect_agreement(pipeline_with(*spec, stage));
  }
}

TEST(SchemaAgreement, BothJudgeTheKeysOfEveryStageAlike) {
  const auto spec = builtin_registry().find("drop");
  for (const ParamSpec& param : config::document_spec().common.keys) {
    for (const Json& value : candidates(param)) {
      Json stage = Json::parse(spec->example);
      stage[param.name] = value;
      expect_agreement(pipeline_with(*spec, stage));
    }
  }
}

TEST(SchemaAgreement, BothJudgeTheKeysOfAPipelineAlike) {
  const auto spec = builtin_registry().find("drop");
  for (const ParamSpec& param : config::document_spec().document.keys) {
    for (const Json& value : candidates(param)) {
      Json pipeline = pipeline_with(*spec, Json::parse(spec->example));
      pipeline[param.name] = value;
      expect_agreement(pipeline);
    }
  }
  Json pipeline = pipeline_with(*spec, Json::parse(spec->example));
  pipeline["limits"] = {{"items", 0}};
  expect_agreement(pipeline);
  pipeline["limits"] = {{"items", 5}, {"memory", "0 B"}};
  expect_agreement(pipeline);
  pipeline["limits"] = {{"items", 5}, {"memroy", "1 GiB"}};
  expect_agreement(pipeline);
}

}  // namespace
}  // namespace penstock::cli
