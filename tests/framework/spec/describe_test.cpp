// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "framework/spec/markdown.h"
#include "framework/spec/option_text.h"
#include "tests/framework/spec/sample_stage.h"

namespace penstock::spec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(OptionText, SaysTypeAndBounds) {
  EXPECT_EQ(type_text(OptionCodec<int>::type()), "integer");
  EXPECT_EQ(type_text(OptionCodec<Fit>::type()), "one of inside, stretch");
  EXPECT_EQ(type_text({.kind = OptionType::Kind::integer, .range = between(0, 10)}), "integer, 0 to 10");
  EXPECT_EQ(type_text({.kind = OptionType::Kind::duration, .range = at_least(1e6)}), "duration, at least 1 ms");
  EXPECT_EQ(type_text({.kind = OptionType::Kind::byte_size, .range = at_most(1024)}), "size, at most 1 KiB");
  EXPECT_EQ(type_text(OptionCodec<FilePath>::type()), "a path");
  EXPECT_EQ(type_text(OptionCodec<std::vector<std::string>>::type()), "list of: text");
}

TEST(OptionText, HasARowForEachKeyWithinAnOption) {
  const SampleParams defaults;
  const std::vector<OptionRow> rows = option_rows(sample_spec().params, &defaults);
  ASSERT_EQ(rows.size(), 13U);
  EXPECT_EQ(rows[11].name, "padding.left");
  EXPECT_EQ(rows[12].name, "padding.top");
  EXPECT_EQ(rows[12].default_value, "2");
}

TEST(Describe, NamesPortsOptionsErrorsAttributesAndExample) {
  const std::string text = describe(sample_spec(), {});
  EXPECT_THAT(text, HasSubstr("sample (transform)\nShows one option of every kind.\n"));
  EXPECT_THAT(text, HasSubstr("input   text or integer: Text or a number.\n"));
  EXPECT_THAT(text, HasSubstr("width         integer, 0 to 65535; default 0\n"));
  EXPECT_THAT(text, HasSubstr("text, not empty; required\n"));
  EXPECT_THAT(text, HasSubstr("At least one of: width, max_bytes."));
  EXPECT_THAT(text, HasSubstr("sample.busy   Try later. (`retry` tries again)\n"));
  EXPECT_THAT(text, HasSubstr("sample.length  How long it is.\n"));
  EXPECT_THAT(text, HasSubstr("\nexample\n  {\"type\": \"sample\""));
}

TEST(Describe, HidesSecretDefaults) {
  StageSpec spec = sample_spec();
  spec.make_params = [] {
    auto params = std::make_shared<SampleParams>();
    params->token = "hunter2";
    return params;
  };
  EXPECT_THAT(describe(spec, {}), Not(HasSubstr("hunter2")));
  EXPECT_THAT(describe_json(spec).dump(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(stage_table(spec), Not(HasSubstr("hunter2")));
}

TEST(DescribeJson, HasTheDeclaration) {
  const nlohmann::ordered_json json = describe_json(sample_spec());
  EXPECT_EQ(json["kind"], "transform");
  EXPECT_EQ(json["input"]["types"], nlohmann::ordered_json::parse(R"(["text", "integer"])"));
  EXPECT_EQ(json["options"][0]["max"], 65535);
  EXPECT_EQ(json["options"][4]["required"], true);
  EXPECT_EQ(json["errors"][1]["transient"], true);
  EXPECT_EQ(json["example"]["type"], "sample");
}

TEST(Markdown, EscapesBarsInTables) { EXPECT_THAT(stage_table(sample_spec()), HasSubstr("Box width \\| in pixels.")); }

TEST(Markdown, ErrorsPageNamesTheStagesOfEachCode) {
  StageSpec other = sample_spec();
  other.type = "another";
  const std::string page =
      errors_page({std::make_shared<const StageSpec>(other), std::make_shared<const StageSpec>(sample_spec())});
  EXPECT_THAT(page, HasSubstr("| `sample.busy` | `another`, `sample` | yes | Try later. |\n"));
}

TEST(Markdown, ReplacesWhatStandsBetweenTheMarkers) {
  const std::string page = "# A\n<!-- generated: sample -->\nold\n<!-- end of generated -->\nrest\n";
  EXPECT_EQ(replace_generated(page, "sample", "new\n"),
            "# A\n<!-- generated: sample -->\n\nnew\n\n<!-- end of generated -->\nrest\n");
  EXPECT_EQ(replace_generated(page, "other", "new"), std::nullopt);
}

}  // namespace
}  // namespace penstock::spec
