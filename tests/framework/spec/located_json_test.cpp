// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/located_json.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock::spec {
namespace {

std::string errors_of(std::string_view text) {
  Diagnostics out("f");
  read_json(text, out);
  std::string all;
  for (const Diagnostic& diagnostic : out.sorted()) all += to_string(diagnostic) + "\n";
  return all;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ReadJson, KnowsWhereEachKeyAndValueStands) {
  Diagnostics out("f");
  const auto root = read_json("{ \"a\" :\t1,\n  \"b\":[true , {\"c\" : \"x\"},-2.5e1],\n\"d\":null}", out);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->position, (Position{1, 1}));
  EXPECT_EQ(root->find("a")->key_position, (Position{1, 3}));
  EXPECT_EQ(root->find("a")->value.position, (Position{1, 9}));
  EXPECT_EQ(root->find("b")->key_position, (Position{2, 3}));
  EXPECT_EQ(root->find("b")->value.position, (Position{2, 7}));
  const auto& list = std::get<LocatedValue::List>(root->find("b")->value.value);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].position, (Position{2, 8}));
  EXPECT_EQ(list[1].position, (Position{2, 15}));
  EXPECT_EQ(list[1].find("c")->value.position, (Position{2, 22}));
  EXPECT_EQ(list[2].position, (Position{2, 27}));
  EXPECT_EQ(root->find("d")->value.position, (Position{3, 5}));
  EXPECT_FALSE(out.has_errors());
}

TEST(ReadJson, KeepsIntegersApartFromFractions) {
  Diagnostics out("f");
  const auto root = read_json("[9223372036854775807, -9223372036854775808, 1.0, 1e2]", out);
  const auto& list = std::get<LocatedValue::List>(root->value);
  EXPECT_EQ(std::get<std::int64_t>(list[0].value), INT64_MAX);
  EXPECT_EQ(std::get<std::int64_t>(list[1].value), INT64_MIN);
  EXPECT_TRUE(list[2].holds<double>());
  EXPECT_TRUE(list[3].holds<double>());
}

TEST(ReadJson, DoesNotCountAByteOrderMark) {
  Diagnostics out("f");
  const auto root = read_json("\xEF\xBB\xBF{\"a\":1}", out);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->key_position, (Position{1, 2}));
}

TEST(ReadJson, GoesOnAfterDuplicateKeysAndNumbersThatDoNotFit) {
  EXPECT_EQ(
      errors_of("{\"a\": 1, \"b\": {\"x\": 18446744073709551616,\n \"x\": 2}, \"a\": 3, \"c\": 9223372036854775808}"),
      "f:1:21: error[json.number] at /b/x\n"
      "  expected a number that fits, got `18446744073709551616`\n"
      "  help: whole numbers lie between -9223372036854775808 and 9223372036854775807\n"
      "f:2:2: error[json.duplicate_key] at /b/x\n"
      "  expected each key once, got `x` again; the first one is at 1:16\n"
      "  help: remove one of them\n"
      "f:2:11: error[json.duplicate_key] at /a\n"
      "  expected each key once, got `a` again; the first one is at 1:2\n"
      "  help: remove one of them\n"
      "f:2:24: error[json.number] at /c\n"
      "  expected a number that fits, got `9223372036854775808`\n"
      "  help: whole numbers lie between -9223372036854775808 and 9223372036854775807\n");
}

struct Case {
  std::string text;
  std::string errors;
};

class ReadJsonErrors : public testing::TestWithParam<Case> {};

TEST_P(ReadJsonErrors, SayWhereAndWhy) { EXPECT_EQ(errors_of(GetParam().text), GetParam().errors); }

INSTANTIATE_TEST_SUITE_P(
    Table, ReadJsonErrors,
    testing::Values(
        Case{"", "f:1:1: error[json.syntax]\n  expected a JSON value, got an empty file\n"},
        Case{" \n ", "f:2:2: error[json.syntax]\n  expected a JSON value, got the end of the file\n"},
        Case{"{\"a\": [1, 2",
             "f:1:12: error[json.syntax] at /a\n  expected ']', got the end of the file\n"
             "  help: a bracket or brace that was opened is not closed\n"},
        Case{"{\"a\": 1,}",
             "f:1:9: error[json.syntax]\n  expected a key in double quotes, got `}`\n"
             "  help: remove the comma before it\n"},
        Case{"[1,,2]", "f:1:4: error[json.syntax]\n  expected a JSON value, got `,`\n"},
        Case{"{\"a\" 1}", "f:1:6: error[json.syntax] at /a\n  expected ':', got `1`\n"},
        Case{"{a: 1}", "f:1:2: error[json.syntax]\n  expected a key in double quotes, got `a`\n"},
        Case{"{\"a\": NaN}",
             "f:1:7: error[json.syntax] at /a\n  expected a JSON value, got `NaN`\n"
             "  help: JSON numbers are finite\n"},
        Case{"{\"a\": True}",
             "f:1:7: error[json.syntax] at /a\n  expected a JSON value, got `True`\n"
             "  help: JSON writes true, false and null\n"},
        Case{"{\n// no\n}",
             "f:2:1: error[json.syntax]\n  expected a key in double quotes, got `/`\n"
             "  help: JSON has no comments; use the key `description`\n"},
        Case{"{\"a\": 1e999}",
             "f:1:7: error[json.number] at /a\n  expected a number that fits, got `1e999`\n"
             "  help: the largest is about 1.8e308\n"},
        Case{"{} {}",
             "f:1:4: error[json.trailing_data]\n  expected the end of the file, got `{`\n"
             "  help: a file holds one JSON object\n"},
        Case{"{\"a\": \"\xFF\"}",
             "f:1:8: error[json.utf8]\n  expected UTF-8, got the byte \"\\xff\"\n"
             "  help: save the file as UTF-8\n"},
        Case{"{\"\xC0\xAF\": 1}",
             "f:1:3: error[json.utf8]\n  expected UTF-8, got the byte \"\\xc0\"\n"
             "  help: save the file as UTF-8\n"},
        Case{std::string("{}\0{", 4), "f:1:3: error[json.syntax]\n  expected JSON text, got a NUL character\n"},
        Case{"[" + repeat("[", 64), "f:1:65: error[json.depth] at " + repeat("/0", 63) +
                                        "\n  expected at most 64 levels of lists and objects, got more\n"}));

TEST(ReadJson, RefusesNestingBombsWithoutOverflow) {
  EXPECT_TRUE(errors_of(repeat("[", 300'000)).starts_with("f:1:65: error[json.depth]"));
  EXPECT_TRUE(errors_of(repeat("{\"a\":", 300'000)).starts_with("f:1:321: error[json.depth]"));
}

TEST(ReadJson, RefusesMoreThan16MiB) {
  EXPECT_EQ(errors_of(std::string(std::size_t{17} << 20U, ' ')),
            "f:1:1: error[json.size]\n  expected at most 16 MiB, got more\n");
}

TEST(ReadJson, RefusesMoreThanAMillionValues) {
  EXPECT_TRUE(errors_of("[" + repeat("0,", 1'000'001) + "0]").starts_with("f:1:2000000: error[json.size]"));
}

TEST(ReadJson, RefusesEndlessKeys) {
  EXPECT_EQ(errors_of("{\"" + std::string(5000, 'k') + "\": 1}"),
            "f:1:2: error[json.size]\n  expected a key of at most 4096 bytes, got 5000\n");
}

TEST(ReadJson, AcceptsSixtyFourLevels) { EXPECT_EQ(errors_of(repeat("[", 64) + repeat("]", 64)), ""); }

}  // namespace
}  // namespace penstock::spec
