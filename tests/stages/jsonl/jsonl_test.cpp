// The stage `jsonl`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/jsonl/jsonl.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "penstock/testing/stage_runner.h"
#include "stages/types/json.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::error_of;
using penstock::testing::StageRunner;
using penstock::testing::TempDir;

std::vector<SourceItem> items_of(std::string_view text,
                                 std::string_view options = R"({"path": "in.jsonl", "key": "/url"})") {
  const TempDir folder;
  folder.write("in.jsonl", text);
  StageRunner runner(jsonl_spec(), options, {.base = folder.path()});
  return runner.collect();
}

std::string bad_line(std::string_view line) {
  return error_of([&] { items_of("{\"url\":1}\n" + std::string(line)); });
}

TEST(Jsonl, TakesTheKeyByPointerAndTheValueAsPayload) {
  const std::vector<SourceItem> items = items_of("{\"url\":\"https://a/x\",\"n\":[1,2]}\r\n\n  \n {\"url\":7} ");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].key, "https://a/x");
  EXPECT_EQ(items[0].payload.get<Json>().value(), nlohmann::json::parse(R"({"url":"https://a/x","n":[1,2]})"));
  EXPECT_EQ(items[1].key, "7");
  EXPECT_TRUE(items[0].attributes.empty());
}

TEST(Jsonl, UsesTheLineNumberWithoutKey) {
  const std::vector<SourceItem> items = items_of("\n1\n[true]", R"({"path": "in.jsonl"})");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].key, "2");
  EXPECT_EQ(items[1].key, "3");
}

TEST(Jsonl, SetsAttributesOfEveryScalarType) {
  const std::vector<SourceItem> items = items_of(
      R"({"a/b":{"s":"x"},"i":-5,"u":9223372036854775807,"d":0.5,"t":true,"n":null,"l":[4]})",
      R"({"path": "in.jsonl", "attributes": {"s": "/a~1b/s", "i": "/i", "u": "/u", "d": "/d", "t": "/t", "n": "/n",
                   "first": "/l/0", "second": "/l/1", "none": "/none/x"}})");
  ASSERT_EQ(items.size(), 1U);
  const Attributes& attributes = items[0].attributes;
  EXPECT_EQ(*attributes.find("s"), AttributeValue("x"));
  EXPECT_EQ(*attributes.find("i"), AttributeValue(std::int64_t{-5}));
  EXPECT_EQ(*attributes.find("u"), AttributeValue(std::int64_t{9223372036854775807}));
  EXPECT_EQ(*attributes.find("d"), AttributeValue(0.5));
  EXPECT_EQ(*attributes.find("t"), AttributeValue(true));
  EXPECT_EQ(*attributes.find("n"), AttributeValue(nullptr));
  EXPECT_EQ(*attributes.find("first"), AttributeValue(std::int64_t{4}));
  EXPECT_EQ(attributes.find("second"), nullptr);
  EXPECT_EQ(attributes.find("none"), nullptr);
}

TEST(Jsonl, ReportsLinesThatAreNotJson) {
  EXPECT_TRUE(bad_line("{\"url\":}").starts_with("jsonl.bad_json: in.jsonl:2:8: expected a JSON value: "))
      << bad_line("{\"url\":}");
  EXPECT_TRUE(bad_line("{\"url\":1} x").starts_with("jsonl.bad_json: in.jsonl:2:"));
  EXPECT_TRUE(bad_line("{\"url\":1").starts_with("jsonl.bad_json: in.jsonl:2:"));
  EXPECT_TRUE(bad_line("nan").starts_with("jsonl.bad_json: in.jsonl:2:"));
  EXPECT_TRUE(bad_line("// {}").starts_with("jsonl.bad_json: in.jsonl:2:"));
  EXPECT_TRUE(bad_line("{\"url\":\"\\ud800\"}").starts_with("jsonl.bad_json: in.jsonl:2:"));
  EXPECT_TRUE(bad_line("{\"url\":1e999}").starts_with("jsonl.bad_json: in.jsonl:2: ")) << bad_line("{\"url\":1e999}");
  EXPECT_TRUE(bad_line("{\"url\":\"\xFF\"}").starts_with("input.not_text: in.jsonl:2: "));
}

TEST(Jsonl, RefusesNestingBombs) {
  EXPECT_EQ(bad_line(std::string(500'000, '[')), "jsonl.too_deep: in.jsonl:2: expected at most 64 levels of nesting");
  const auto nested = [](int depth) { return "{\"url\":" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
  EXPECT_EQ(bad_line(nested(64)), "jsonl.too_deep: in.jsonl:2: expected at most 64 levels of nesting");
  EXPECT_EQ(items_of("{\"url\":1,\"x\":" + nested(62) + "}").size(), 1U);
  EXPECT_EQ(items_of("{\"url\":\"\\\"" + std::string(100, '[') + "\"}").size(), 1U);
}

TEST(Jsonl, ReportsMissingAndUnusableKeys) {
  EXPECT_EQ(bad_line("{}"), "jsonl.missing_key: in.jsonl:2: there is nothing at \"/url\"");
  EXPECT_EQ(bad_line("[1]"), "jsonl.missing_key: in.jsonl:2: there is nothing at \"/url\"");
  EXPECT_EQ(bad_line("{\"url\":{}}"),
            "jsonl.not_scalar: in.jsonl:2: expected a string, a number of at most 64 bits, true, false or null for the "
            "key at "
            "\"/url\", got object");
  EXPECT_TRUE(bad_line("{\"url\":18446744073709551615}").starts_with("jsonl.not_scalar: in.jsonl:2: "));
  EXPECT_TRUE(error_of([] {
                items_of("{\"x\":[]}", R"({"path": "in.jsonl", "attributes": {"y": "/x"}})");
              }).starts_with("jsonl.not_scalar: in.jsonl:1: "));
}

TEST(Jsonl, RefusesLinesBeyondTheirLimit) {
  EXPECT_EQ(error_of([] { items_of("[1,2]\n[1,23]", R"({"path": "in.jsonl", "max_line_bytes": "5 B"})"); }),
            "input.too_long: in.jsonl:2: the line is longer than 5 B");
}

TEST(Jsonl, ChecksItsOptions) {
  EXPECT_TRUE(
      error_of([] { items_of("", R"({"path": "in.jsonl", "key": "url"})"); }).starts_with("option.value at /key"));
  EXPECT_TRUE(
      error_of([] { items_of("", R"({"path": "in.jsonl", "key": "/a~2"})"); }).starts_with("option.value at /key"));
  EXPECT_TRUE(error_of([] {
                items_of("", R"({"path": "in.jsonl", "attributes": {"a/b": "x"}})");
              }).starts_with("option.value at /attributes/a~1b"));
}

TEST(Jsonl, SaysWhyItCannotOpen) {
  EXPECT_TRUE(error_of([] { items_of("", R"({"path": "none"})"); }).starts_with("input.cannot_open: "));
}

TEST(Json, KnowsItsSize) {
  EXPECT_GT(Json(nlohmann::json(std::string(1000, 'x'))).bytes(), 1000U);
  EXPECT_GT(Json(nlohmann::json::parse("{\"" + std::string(500, 'k') + "\":[1,2,3]}")).bytes(), 500U);
  EXPECT_EQ(Json().bytes(), PayloadTraits<Json>::bytes(Json(nlohmann::json())));
}

}  // namespace
}  // namespace penstock::stages
