// Conditions: what they accept, what holds, and where their errors point.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/condition.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "stages/common/number_order.h"

namespace penstock::stages {
namespace {

/// As the configuration reader makes them.
OptionValue option(const nlohmann::ordered_json& json) {
  using Type = nlohmann::json::value_t;
  switch (json.type()) {
    case Type::boolean:
      return json.get<bool>();
    case Type::number_integer:
    case Type::number_unsigned:
      return json.get<std::int64_t>();
    case Type::number_float:
      return json.get<double>();
    case Type::string:
      return json.get<std::string>();
    case Type::array: {
      OptionList list;
      for (const auto& element : json) list.push_back(option(element));
      return list;
    }
    case Type::object: {
      OptionMap map;
      for (const auto& [key, value] : json.items()) map.emplace_back(key, option(value));
      return map;
    }
    default:
      return {};
  }
}

Condition parse(const std::string& text) { return Condition::parse(option(nlohmann::ordered_json::parse(text))); }

Attributes sample() {
  Attributes attributes;
  attributes.set("width", std::int64_t{100});
  attributes.set("ratio", 0.5);
  attributes.set("type", "image/jpeg");
  attributes.set("column", "20");
  attributes.set("ok", true);
  attributes.set("none", nullptr);
  attributes.set("big", (std::int64_t{1} << 53) + 1);
  return attributes;
}

struct Case {
  std::string condition;
  bool holds;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.condition; }

class Conditions : public testing::TestWithParam<Case> {};

TEST_P(Conditions, Hold) { EXPECT_EQ(parse(GetParam().condition).holds(sample()), GetParam().holds); }

INSTANTIATE_TEST_SUITE_P(Numbers, Conditions,
                         testing::Values(Case{R"({"attribute": "width", "equals": 100})", true},         //
                                         Case{R"({"attribute": "width", "equals": 100.0})", true},       //
                                         Case{R"({"attribute": "width", "equals": 100.5})", false},      //
                                         Case{R"({"attribute": "width", "less_than": 101})", true},      //
                                         Case{R"({"attribute": "width", "less_than": 100})", false},     //
                                         Case{R"({"attribute": "width", "less_than": 100.5})", true},    //
                                         Case{R"({"attribute": "width", "greater_than": 99.5})", true},  //
                                         Case{R"({"attribute": "width", "greater_than": 100})", false},  //
                                         Case{R"({"attribute": "ratio", "greater_than": 0})", true},     //
                                         Case{R"({"attribute": "ratio", "less_than": 1})", true},        //
                                         Case{R"({"attribute": "width", "greater_than": 10, "less_than": 100})",
                                              false},                                                                //
                                         Case{R"({"attribute": "big", "equals": 9007199254740992.0})", false},       //
                                         Case{R"({"attribute": "big", "greater_than": 9007199254740992.0})", true},  //
                                         Case{R"({"attribute": "column", "less_than": 100})", true},                 //
                                         Case{R"({"attribute": "column", "equals": 20})", true},                     //
                                         Case{R"({"attribute": "column", "equals": "20.0"})", false},                //
                                         Case{R"({"attribute": "type", "less_than": 100})", false},                  //
                                         Case{R"({"attribute": "ok", "equals": 1})", false}));

INSTANTIATE_TEST_SUITE_P(OtherTypes, Conditions,
                         testing::Values(Case{R"({"attribute": "type", "equals": "image/jpeg"})", true},           //
                                         Case{R"({"attribute": "type", "equals": "image"})", false},               //
                                         Case{R"({"attribute": "type", "less_than": "image/png"})", true},         //
                                         Case{R"({"attribute": "width", "equals": "100"})", false},                //
                                         Case{R"({"attribute": "ok", "equals": true})", true},                     //
                                         Case{R"({"attribute": "ok", "equals": false})", false},                   //
                                         Case{R"({"attribute": "none", "equals": null})", true},                   //
                                         Case{R"({"attribute": "none", "equals": false})", false},                 //
                                         Case{R"({"attribute": "type", "equals": null})", false},                  //
                                         Case{R"({"attribute": "none", "exists": true})", true},                   //
                                         Case{R"({"attribute": "gone", "exists": false})", true},                  //
                                         Case{R"({"attribute": "gone", "exists": true})", false},                  //
                                         Case{R"({"attribute": "gone", "equals": null})", false},                  //
                                         Case{R"({"attribute": "gone", "less_than": 1})", false},                  //
                                         Case{R"({"attribute": "type", "matches": "^image/(jpeg|png)$"})", true},  //
                                         Case{R"({"attribute": "type", "matches": "jp"})", true},                  //
                                         Case{R"({"attribute": "type", "matches": "^jp"})", false},                //
                                         Case{R"({"attribute": "width", "matches": "^1"})", true},                 //
                                         Case{R"({"attribute": "none", "matches": ""})", false},                   //
                                         Case{R"({"attribute": "gone", "matches": ""})", false}));

INSTANTIATE_TEST_SUITE_P(
    Combinations, Conditions,
    testing::Values(
        Case{R"({"all": [{"attribute": "width", "equals": 100}, {"attribute": "ok", "equals": true}]})", true},
        Case{R"({"all": [{"attribute": "width", "equals": 100}, {"attribute": "ok", "equals": false}]})", false},
        Case{R"({"any": [{"attribute": "width", "equals": 1}, {"attribute": "ok", "equals": true}]})", true},
        Case{R"({"any": [{"attribute": "width", "equals": 1}]})", false},
        Case{R"({"not": {"attribute": "width", "equals": 1}})", true},
        Case{R"({"not": {"attribute": "gone", "less_than": 1}})", true},
        Case{
            R"({"not": {"any": [{"not": {"attribute": "ok", "equals": true}}, {"all": [{"attribute": "ok", "exists": false}]}]}})",
            true}));

TEST(Condition, HoldsForEverythingByDefault) {
  EXPECT_TRUE(Condition().holds({}));
  EXPECT_TRUE(Condition().used_attributes().empty());
}

struct BadCase {
  std::string condition;
  std::string code;
  std::string pointer;
  std::string message;
};
void PrintTo(const BadCase& c, std::ostream* out) { *out << c.condition; }

class BadConditions : public testing::TestWithParam<BadCase> {};

TEST_P(BadConditions, AreRefusedWithTheirPlace) {
  try {
    parse(GetParam().condition);
    FAIL() << "accepted";
  } catch (const OptionError& error) {
    EXPECT_EQ(error.code().name(), GetParam().code);
    EXPECT_EQ(error.pointer(), GetParam().pointer);
    EXPECT_EQ(error.what(), GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Condition, BadConditions,
    testing::Values(
        BadCase{"[]", "option.type", "", "expected a condition (an object), got an array"},
        BadCase{"{}", "option.missing", "", "expected a condition, got an empty object"},
        BadCase{R"({"less_than": 1})", "option.missing", "", "expected `attribute` beside `less_than`"},
        BadCase{R"({"attribute": "a"})", "option.missing", "", "expected a test of `a`, got none"},
        BadCase{R"({"attribute": 1, "equals": 1})", "option.type", "/attribute",
                "expected the name of an attribute, got a number"},
        BadCase{R"({"attribute": "", "equals": 1})", "option.range", "/attribute",
                "expected the name of an attribute, got \"\""},
        BadCase{
            R"({"attribute": "a", "equal/s": 1})", "option.unknown", "/equal~1s",
            "a condition has no test `equal/s`; it has: `equals`, `less_than`, `greater_than`, `matches`, `exists`"},
        BadCase{R"({"attribute": "a", "equals": []})", "option.type", "/equals",
                "expected null, true, false, a number or text, got an array"},
        BadCase{R"({"attribute": "a", "less_than": true})", "option.type", "/less_than",
                "expected a number or text, got a boolean"},
        BadCase{R"({"attribute": "a", "greater_than": null})", "option.type", "/greater_than",
                "expected a number or text, got null"},
        BadCase{R"({"attribute": "a", "exists": "yes"})", "option.type", "/exists",
                "expected true or false, got a string"},
        BadCase{R"({"attribute": "a", "matches": 1})", "option.type", "/matches",
                "expected a regular expression, got a number"},
        BadCase{R"({"attribute": "a", "matches": "(x"})", "option.value", "/matches",
                "expected a regular expression, got \"(x\": missing ): (x"},
        BadCase{R"({"all": []})", "option.range", "/all", "expected at least one condition, got none"},
        BadCase{R"({"any": {}})", "option.type", "/any", "expected an array of conditions, got an object"},
        BadCase{R"({"all": [{"attribute": "a", "exists": true}, {"not": {"attribute": "a", "x": 1}}]})",
                "option.unknown", "/all/1/not/x",
                "a condition has no test `x`; it has: `equals`, `less_than`, `greater_than`, `matches`, `exists`"},
        BadCase{R"({"attribute": "a", "not": {}})", "option.unknown", "",
                "`not` stands alone in its object, got `attribute`, `not`"}));

TEST(Condition, ReportsWhatItReadsOnce) {
  const Condition condition = parse(
      R"({"any": [{"attribute": "b", "equals": 1}, {"not": {"attribute": "a.x", "exists": true}}, {"attribute": "b", "less_than": 3}]})");
  EXPECT_EQ(condition.used_attributes(), (std::vector<std::string>{"b", "a.x"}));
}

TEST(Condition, CodecRoundTripsAsWritten) {
  const OptionValue value =
      option(nlohmann::ordered_json::parse(R"({"attribute": "z", "less_than": 1, "exists": true})"));
  const Condition condition = OptionCodec<Condition>::from(value, {});
  EXPECT_EQ(OptionCodec<Condition>::to(condition), value);
}

TEST(Condition, SchemaIsJsonAndDefinesWhatItRefersTo) {
  const auto schema = nlohmann::json::parse(condition_schema());
  EXPECT_EQ(schema["$ref"], "#/$defs/condition");
  EXPECT_TRUE(schema["$defs"].contains("condition"));
  EXPECT_TRUE(schema["$defs"].contains("conditions"));
  EXPECT_EQ(schema["$defs"]["condition"]["anyOf"][0]["pattern"], R"(^\$\{[^{}]*\}$)");
}

TEST(Condition, RefusesBottomlessNesting) {
  OptionValue value = option(nlohmann::ordered_json::parse(R"({"attribute": "a", "exists": true})"));
  for (int i = 0; i < 1000; ++i) value = OptionMap{{"not", value}};
  EXPECT_THROW(Condition::parse(value), OptionError);
}

// With a backtracking matcher this takes longer than the universe is old.
TEST(Condition, MatchesHostilePatternsInLinearTime) {
  Attributes attributes;
  attributes.set("text", std::string(100'000, 'a'));
  EXPECT_FALSE(parse(R"({"attribute": "text", "matches": "^(a|a)*(a*)*b$"})").holds(attributes));
}

TEST(Condition, SurvivesTextThatIsNotUtf8) {
  Attributes attributes;
  attributes.set("text", std::string("\xFF\x00\xC3", 3));
  EXPECT_FALSE(parse(R"({"attribute": "text", "matches": "a"})").holds(attributes));
}

TEST(Condition, ErrorsInsideListsAndMapsPointToTheirPart) {
  using Ports = std::vector<std::pair<std::string, Condition>>;
  const OptionValue value =
      OptionMap{{"big", option(nlohmann::ordered_json::parse(R"({"attribute": "a", "exists": true})"))},
                {"a/b", option(nlohmann::ordered_json::parse(R"({"not": {"attribute": "a"}})"))}};
  try {
    OptionCodec<Ports>::from(value, {});
    FAIL() << "accepted";
  } catch (const OptionError& error) {
    EXPECT_EQ(error.pointer(), "/a~1b/not");
  }
}

TEST(NumberOrder, IsExactBetweenIntegersAndDoubles) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(compare(kMax, 9223372036854775808.0) < 0);
  EXPECT_TRUE(compare(kMin, -9223372036854775808.0) == 0);
  EXPECT_TRUE(compare(kMin, -9223372036854777856.0) > 0);
  EXPECT_TRUE(compare(-1, -0.5) < 0);
  EXPECT_TRUE(compare(0, -0.5) > 0);
  EXPECT_TRUE(compare(0, 0.5) < 0);
  EXPECT_TRUE(compare(0, -0.0) == 0);
  EXPECT_TRUE(compare(0, std::numeric_limits<double>::infinity()) < 0);
  EXPECT_TRUE(compare(0, -std::numeric_limits<double>::infinity()) > 0);
  EXPECT_TRUE(compare(0, std::nan("")) == std::partial_ordering::unordered);
  EXPECT_TRUE(compare(AttributeValue(1.5), AttributeValue(std::int64_t{2})) < 0);
}

TEST(NumberOrder, ReadsTextAsNumberOnlyWhenAllOfItIsOne) {
  const AttributeValue five = std::int64_t{5};
  EXPECT_TRUE(compare(AttributeValue("5"), five) == 0);
  EXPECT_TRUE(compare(AttributeValue("4.5e0"), five) < 0);
  EXPECT_TRUE(compare(AttributeValue("-1"), five) < 0);
  for (const char* text : {"", " 5", "5 ", "5px", "0x5", "inf", "nan", "-", "1e", "1e999"}) {
    EXPECT_TRUE(compare(AttributeValue(text), five) == std::partial_ordering::unordered) << text;
  }
}

}  // namespace
}  // namespace penstock::stages
