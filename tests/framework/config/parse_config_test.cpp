// SPDX-License-Identifier: Apache-2.0
#include "framework/config/parse_config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace penstock::config {
namespace {

using Parameters = std::map<std::string, std::string>;

struct Parsed {
  std::optional<PipelineConfig> config;
  std::string findings;
};

Parsed parse(const std::string& text, const Parameters& parameters = {}) {
  Diagnostics out("f");
  Parsed parsed{.config = parse_config(text, parameters, out), .findings = {}};
  for (const Diagnostic& diagnostic : out.sorted()) parsed.findings += to_string(diagnostic) + "\n";
  return parsed;
}

/// The value of the key `x` of the only stage.
spec::LocatedValue x_of(const Parsed& parsed) {
  EXPECT_EQ(parsed.findings, "");
  return parsed.config ? parsed.config->stages.at(0).object.find("x")->value : spec::LocatedValue();
}

std::string text_of(const Parsed& parsed) {
  const spec::LocatedValue value = x_of(parsed);
  const auto* text = value.get_if<std::string>();
  return text == nullptr ? "no text" : *text;
}

class Environment : public testing::Test {
 protected:
  void SetUp() override {
    setenv("PENSTOCK_TEST_PORT", "8080", 1);
    unsetenv("PENSTOCK_TEST_PROT");
  }
  void TearDown() override { unsetenv("PENSTOCK_TEST_PORT"); }
};

TEST(ParseConfig, ReadsTheKeysOfTheFile) {
  const Parsed parsed = parse(R"({"$schema": "s.json", "name": "n", "description": "d",
      "limits": {"items": 12, "memory": "5 MB"}, "stages": [{"type": "a"}, {"type": "b", "name": "c"}]})");
  EXPECT_EQ(parsed.findings, "");
  EXPECT_EQ(parsed.config->name, "n");
  EXPECT_EQ(parsed.config->description, "d");
  EXPECT_EQ(parsed.config->limits.items, 12U);
  EXPECT_EQ(parsed.config->limits.memory.bytes, 5'000'000U);
  EXPECT_EQ(parsed.config->stages[0].common.name, "a");
  EXPECT_EQ(parsed.config->stages[1].common.name, "c");
  EXPECT_EQ(parsed.config->stages[1].pointer, "/stages/1");
}

TEST(ParseConfig, KeepsTheTypeOfAParameterThatIsTheWholeText) {
  const std::string text = R"({"params": {"p": 7}, "stages": [{"type": "a", "x": "${p}"}]})";
  EXPECT_EQ(std::get<std::int64_t>(x_of(parse(text)).value), 7);
  EXPECT_EQ(std::get<std::int64_t>(x_of(parse(text, {{"p", "9"}})).value), 9);
  EXPECT_EQ(std::get<double>(x_of(parse(text, {{"p", "0.5"}})).value), 0.5);
}

TEST(ParseConfig, PutsParametersIntoTexts) {
  EXPECT_EQ(text_of(parse(
                R"({"params": {"p": "v", "n": 3, "b": true}, "stages": [{"type": "a", "x": "<${p}-${n}-${b}>"}]})")),
            "<v-3-true>");
}

TEST(ParseConfig, TakesADoubledDollarAsALiteral) {
  EXPECT_EQ(text_of(parse(R"({"params": {"p": "v"}, "stages": [{"type": "a", "x": "$${p} $$${p} $ ${p}"}]})")),
            "${p} $${p} $ v");
}

TEST(ParseConfig, DoesNotExpandWhatAParameterBrings) {
  EXPECT_EQ(text_of(parse(R"({"params": {"p": "v"}, "stages": [{"type": "a", "x": "-${p}"}]})", {{"p", "${q}"}})),
            "-${q}");
}

TEST(ParseConfig, TakesTextForAParameterWithATextDefault) {
  EXPECT_EQ(text_of(parse(R"({"params": {"p": "v"}, "stages": [{"type": "a", "x": "${p}"}]})", {{"p", "17"}})), "17");
}

TEST(ParseConfig, SetsAParameterWithoutDefaultToJsonOrText) {
  const std::string text = R"({"params": {"p": null}, "stages": [{"type": "a", "x": "${p}"}]})";
  EXPECT_EQ(std::get<std::int64_t>(x_of(parse(text, {{"p", "17"}})).value), 17);
  EXPECT_EQ(text_of(parse(text, {{"p", "seven"}})), "seven");
}

TEST_F(Environment, GivesTextAndIsNotPrinted) {
  const Parsed parsed = parse(R"({"params": {"p": "${env:PENSTOCK_TEST_PORT}"},
      "stages": [{"type": "a", "x": "${p}:${env:PENSTOCK_TEST_PORT}"}]})");
  EXPECT_EQ(text_of(parsed), "8080:8080");
  EXPECT_EQ(describe(x_of(parsed)), "\"${env:PENSTOCK_TEST_PORT}:${env:PENSTOCK_TEST_PORT}\"");
}

TEST_F(Environment, IsReadAsANumberWhereOneIsExpected) {
  const Parsed parsed = parse(R"({"stages": [{"type": "a", "queue": "${env:PENSTOCK_TEST_PORT}"}]})");
  EXPECT_EQ(parsed.findings, "");
  EXPECT_EQ(parsed.config->stages[0].common.queue, 8080U);
}

TEST_F(Environment, IsNotNeededForADefaultThatSetReplaces) {
  EXPECT_EQ(text_of(parse(R"({"params": {"p": "${env:PENSTOCK_TEST_PROT}"}, "stages": [{"type": "a", "x": "${p}"}]})",
                          {{"p", "v"}})),
            "v");
}

TEST_F(Environment, NamesASimilarVariableWhenOneIsNotSet) {
  EXPECT_EQ(parse(R"({"stages": [{"type": "${env:PENSTOCK_TEST_PROT}"}]})").findings,
            "f:1:22: error[param.unset_environment] at /stages/0/type\n"
            "  expected the environment variable `PENSTOCK_TEST_PROT` to be set, got nothing\n"
            "  help: did you mean `PENSTOCK_TEST_PORT`?\n");
}

TEST_F(Environment, NeverShowsItsValueInErrors) {
  EXPECT_EQ(
      parse(
          R"({"stages": [{"type": "a", "timeout": "${env:PENSTOCK_TEST_PORT}", "name": "-${env:PENSTOCK_TEST_PORT}/"}]})")
          .findings,
      "f:1:38: error[option.value] at /stages/0/timeout\n"
      "  stage \"a\": option `timeout`: expected a duration such as \"15 s\", at least 1 ms, got "
      "\"${env:PENSTOCK_TEST_PORT}\"\n"
      "  help: the units are ns, us, ms, s, min, h, d\n"
      "f:1:75: error[option.value] at /stages/0/name\n"
      "  stage \"a\": option `name`: expected a name of letters, digits, `_` and `-`, got "
      "\"-${env:PENSTOCK_TEST_PORT}/\"\n");
}

TEST(ParseConfig, RefusesToGrowWithoutEnd) {
  std::string text = R"({"params": {"p": ")" + std::string(1'000'000, 'x') + R"("}, "stages": [{"type": "a", "x": [)";
  for (int i = 0; i < 100; ++i) text += R"("${p}",)";
  const Parsed parsed = parse(text + "0]}]}");
  EXPECT_EQ(parsed.findings,
            "f:1:1000523: error[param.too_large] at /stages/0/x/67\n"
            "  expected all references together to add at most 64 MiB, got more\n");
}

struct Case {
  const char* name;
  std::string text;
  std::string findings;
  Parameters parameters = {};
};

class ConfigErrors : public testing::TestWithParam<Case> {};

TEST_P(ConfigErrors, SayWhatWhereWhyAndHelp) {
  EXPECT_EQ(parse(GetParam().text, GetParam().parameters).findings, GetParam().findings);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigErrors,
    testing::Values(
        Case{"NoObject", "[1]",
             "f:1:1: error[option.type]\n"
             "  expected an object with the key `stages`, got a list\n"},
        Case{"NoStages", "{\"name\": \"n\"}",
             "f:1:1: error[option.missing]\n"
             "  the pipeline needs the option `stages`: expected a list of 1 to 10000 elements, got nothing\n"
             "  help: The stages; each reads the one before it unless it says `from`.\n"},
        Case{"EmptyStages", "{\"stages\": []}",
             "f:1:12: error[option.range] at /stages\n"
             "  option `stages`: expected a list of 1 to 10000 elements, got 0 elements\n"},
        Case{"StageIsNoObject", "{\"stages\": [{\"type\": \"a\"}, 3]}",
             "f:1:28: error[option.type] at /stages/1\n"
             "  stage \"#2\": expected an object, got 3\n"},
        Case{"UnknownKey", "{\"limts\": {}, \"stages\": [{\"type\": \"a\"}]}",
             "f:1:2: error[option.unknown] at /limts\n"
             "  the pipeline has no option `limts`; it has: $schema, name, description, params, plugins, limits, "
             "stages\n"
             "  help: did you mean `limits`?\n"},
        Case{"UnknownLimit", "{\"limits\": {\"item\": 3}, \"stages\": [{\"type\": \"a\"}]}",
             "f:1:13: error[option.unknown] at /limits/item\n"
             "  `limits` has no option `item`; it has: items, memory\n"
             "  help: did you mean `items`?\n"},
        Case{"LimitsOutOfRange", "{\"limits\": {\"items\": 0, \"memory\": 5}, \"stages\": [{\"type\": \"a\"}]}",
             "f:1:22: error[option.range] at /limits/items\n"
             "  option `limits.items`: expected an integer from 1 to 1000000000, got 0\n"
             "f:1:35: error[option.type] at /limits/memory\n"
             "  option `limits.memory`: expected a size such as \"512 MiB\", at least 1 B, got 5\n"
             "  help: write it as a text with its unit, e.g. \"5 B\"\n"},
        Case{"WrongTypes", "{\"name\": 1, \"description\": [], \"params\": [], \"limits\": \"x\", \"stages\": {}}",
             "f:1:10: error[option.type] at /name\n"
             "  option `name`: expected a text that is not empty, got 1\n"
             "f:1:28: error[option.type] at /description\n"
             "  option `description`: expected a text, got a list\n"
             "f:1:42: error[option.type] at /params\n"
             "  option `params`: expected an object, got a list\n"
             "f:1:56: error[option.type] at /limits\n"
             "  option `limits`: expected an object, got \"x\"\n"
             "f:1:71: error[option.type] at /stages\n"
             "  option `stages`: expected a list of 1 to 10000 elements, got an object\n"},
        Case{"EveryCommonKeyWrong",
             "{\"stages\": [{\"name\": \"a.b\", \"type\": 7, \"from\": 3, \"concurrency\": 0,\n"
             "\"queue\": 0, \"ordered\": \"yes\", \"retry\": {\"attempts\": 0, \"backof\": \"1 s\", \"backoff\": \"-1 "
             "s\"},\n"
             "\"timeout\": 15, \"on_failure\": \"repot\", \"fuse\": null}]}",
             "f:1:22: error[option.value] at /stages/0/name\n"
             "  stage \"#1\": option `name`: expected a name of letters, digits, `_` and `-`, got \"a.b\"\n"
             "f:1:37: error[option.type] at /stages/0/type\n"
             "  stage \"#1\": option `type`: expected a stage type that is not empty, got 7\n"
             "f:1:48: error[option.type] at /stages/0/from\n"
             "  stage \"#1\": option `from`: expected a stage (\"x\"), one of its ports (\"x.failed\") or a "
             "list of them, got 3\n"
             "f:1:66: error[option.range] at /stages/0/concurrency\n"
             "  stage \"#1\": option `concurrency`: expected an integer from 1 to 1000000, \"serial\" or "
             "\"unlimited\", got 0\n"
             "f:2:10: error[option.range] at /stages/0/queue\n"
             "  stage \"#1\": option `queue`: expected an integer, at least 1, got 0\n"
             "f:2:24: error[option.type] at /stages/0/ordered\n"
             "  stage \"#1\": option `ordered`: expected true or false, got \"yes\"\n"
             "f:2:53: error[option.range] at /stages/0/retry/attempts\n"
             "  stage \"#1\": option `retry.attempts`: expected an integer from 1 to 1000, got 0\n"
             "f:2:56: error[option.unknown] at /stages/0/retry/backof\n"
             "  stage \"#1\": `retry` has no option `backof`; it has: attempts, backoff, max_backoff\n"
             "  help: did you mean `backoff`?\n"
             "f:2:84: error[option.value] at /stages/0/retry/backoff\n"
             "  stage \"#1\": option `retry.backoff`: expected a duration such as \"15 s\", got \"-1 s\"\n"
             "  help: the units are ns, us, ms, s, min, h, d\n"
             "f:3:12: error[option.type] at /stages/0/timeout\n"
             "  stage \"#1\": option `timeout`: expected a duration such as \"15 s\", at least 1 ms, got 15\n"
             "  help: write it as a text with its unit, e.g. \"15 s\"\n"
             "f:3:30: error[option.value] at /stages/0/on_failure\n"
             "  stage \"#1\": option `on_failure`: expected one of \"report\", \"drop\", \"stop\", got \"repot\"\n"
             "  help: did you mean `report`?\n"
             "f:3:47: error[option.type] at /stages/0/fuse\n"
             "  stage \"#1\": option `fuse`: expected true or false, got null\n"},
        Case{"MissingType", "{\"stages\": [{\"name\": \"b\"}]}",
             "f:1:13: error[option.missing] at /stages/0\n"
             "  stage \"b\": the stage needs the option `type`: expected a stage type that is not empty, "
             "got nothing\n"
             "  help: The stage type.\n"},
        Case{"BadFrom",
             "{\"stages\": [{\"type\": \"a\"}, {\"type\": \"b\", \"from\": [\"a\", \"a.b.c\", 4]}, {\"type\": \"c\", "
             "\"from\": "
             "[]}]}",
             "f:1:56: error[option.value] at /stages/1/from/1\n"
             "  stage \"b\": option `from`: expected a stage (\"x\"), one of its ports (\"x.failed\") or a "
             "list of them, got \"a.b.c\"\n"
             "f:1:92: error[option.range] at /stages/2/from\n"
             "  stage \"c\": option `from`: expected a stage (\"x\"), one of its ports (\"x.failed\") or a "
             "list of them, got an empty list\n"},
        Case{"BadConcurrency",
             "{\"stages\": [{\"type\": \"a\", \"concurrency\": \"serail\"}, {\"type\": \"b\", \"concurrency\": 1.5}]}",
             "f:1:42: error[option.value] at /stages/0/concurrency\n"
             "  stage \"a\": option `concurrency`: expected an integer from 1 to 1000000, \"serial\" or "
             "\"unlimited\", got \"serail\"\n"
             "  help: did you mean `serial`?\n"
             "f:1:82: error[option.type] at /stages/1/concurrency\n"
             "  stage \"b\": option `concurrency`: expected an integer from 1 to 1000000, \"serial\" or "
             "\"unlimited\", got a fraction\n"},
        Case{"UnknownParameter",
             "{\"params\": {\"width\": 3, \"height\": 4}, \"stages\": [{\"type\": \"a\", \"x\": \"${widht}\", \"y\": "
             "[\"${width} ${height}\"]}]}",
             "f:1:69: error[param.unknown] at /stages/0/x\n"
             "  `${widht}` names no parameter; `params` has: width, height\n"
             "  help: did you mean `width`?\n"},
        Case{"UnclosedReference", "{\"stages\": [{\"type\": \"a\", \"x\": \"a ${b\"}]}",
             "f:1:32: error[param.syntax] at /stages/0/x\n"
             "  expected `}` after `${`, got the end of the text\n"
             "  help: write `$${` for a literal `${`\n"},
        Case{"ListInsideText", "{\"params\": {\"p\": [1]}, \"stages\": [{\"type\": \"a\", \"x\": \"a ${p}\"}]}",
             "f:1:54: error[param.type] at /stages/0/x\n"
             "  expected a text, a number, true or false for `${p}` inside a text, got a list\n"
             "  help: a list or an object can only be the whole value\n"},
        Case{"NestedParameter",
             "{\"params\": {\"p\": \"${q}\", \"q\": 1}, \"stages\": [{\"type\": \"a\", \"x\": \"${p}${q}\"}]}",
             "f:1:18: error[param.nested] at /params/p\n"
             "  expected a default without parameters, got `${q}`\n"
             "  help: the default of a parameter may name `${env:NAME}` only; write `$${` for a literal `${`\n"},
        Case{"ParameterName", "{\"params\": {\"a b\": 1}, \"stages\": [{\"type\": \"a\", \"x\": \"${a b}\"}]}",
             "f:1:13: error[param.name] at /params/a b\n"
             "  expected a parameter named by letters, digits, `_` and `-`, got `a b`\n"},
        Case{"UnusedParameter", "{\"params\": {\"p\": 1}, \"stages\": [{\"type\": \"a\"}]}",
             "f:1:13: warning[param.unused] at /params/p\n"
             "  no text in this file holds `${p}`\n"
             "  help: use the parameter or remove it\n"},
        Case{"UnusedSet",
             "{\"params\": {\"p\": 1}, \"stages\": [{\"type\": \"a\"}]}",
             "f:1:13: error[param.unused] at /params/p\n"
             "  --set p has no effect: no text in this file holds `${p}`\n"
             "  help: use the parameter or remove it\n",
             {{"p", "2"}}},
        Case{"UnknownSet",
             "{\"params\": {\"size\": 1}, \"stages\": [{\"type\": \"a\", \"x\": \"${size}\"}]}",
             "f:1:2: error[param.unknown] at /params\n"
             "  --set `sise` names no parameter of this file; it has: size\n"
             "  help: did you mean `size`?\n",
             {{"sise", "2"}}},
        Case{"SetOfAnotherType",
             "{\"params\": {\"size\": 1, \"ok\": true}, \"stages\": [{\"type\": \"a\", \"x\": \"${size}${ok}\"}]}",
             "f:1:21: error[param.type] at /params/size\n"
             "  --set size: expected a number, as its default is, got \"big\"\n"
             "  help: what --set gives is read as JSON where the default is not a text\n"
             "f:1:30: error[param.type] at /params/ok\n"
             "  --set ok: expected true or false, as its default is, got \"\\\"true\\\"\"\n"
             "  help: what --set gives is read as JSON where the default is not a text\n",
             {{"size", "big"}, {"ok", "\"true\""}}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace penstock::config
