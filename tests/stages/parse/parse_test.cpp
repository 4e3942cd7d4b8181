// The stage `parse`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/parse/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

std::string error_of(const StageSpec& spec, const std::string& options) {
  try {
    StageRunner runner(spec, options);
  } catch (const ConfigError& error) {
    const Diagnostic& first = error.diagnostics().front();
    return first.code + " at " + first.where.pointer + ": " + first.message;
  }
  return {};
}

SourceItem with(Payload payload, std::string key = "k") { return {std::move(key), {}, std::move(payload)}; }
SourceItem bytes(std::string data) { return with(Payload(Bytes(std::move(data)))); }

using ::testing::HasSubstr;

TEST(Parse, ReadsIntegersWithSpaceAround) {
  StageRunner runner(parse_spec(), R"({"as": "integer"})");
  EXPECT_EQ(runner.run(bytes(" -42\n")).payload<Integer>().value, -42);
  EXPECT_EQ(runner.run(with(Payload(Text{"9223372036854775807"}))).payload<Integer>().value, INT64_MAX);
}

TEST(Parse, RefusesWhatIsNoInteger) {
  StageRunner runner(parse_spec(), R"({"as": "integer"})");
  for (const char* text : {"", " ", "1.5", "1e3", "0x10", "+1", "12a", "9223372036854775808"}) {
    const Outcome outcome = runner.run(bytes(text));
    EXPECT_EQ(outcome.code, "parse.not_an_integer") << text;
  }
}

TEST(Parse, ReadsJson) {
  StageRunner runner(parse_spec());
  EXPECT_EQ(runner.run(bytes(R"({"a": [1, 2]})")).payload<Json>().value().dump(), R"({"a":[1,2]})");
}

TEST(Parse, SaysWhereJsonIsWrong) {
  StageRunner runner(parse_spec());
  const Outcome outcome = runner.run(bytes("[1, 2"));
  EXPECT_EQ(outcome.code, "parse.bad_json");
  EXPECT_THAT(outcome.message, HasSubstr("byte 6"));
  EXPECT_THAT(runner.run(bytes(std::string(65, '['))).message, HasSubstr("at most 64 levels"));
}

TEST(Parse, TakesTheKeyOrATemplateInsteadOfThePayload) {
  StageRunner of_key(parse_spec(), R"({"as": "integer"})");
  EXPECT_EQ(of_key.run("17").payload<Integer>().value, 17);
  StageRunner of_template(parse_spec(), R"({"as": "integer", "text": "{key}0"})");
  EXPECT_EQ(of_template.run("17").payload<Integer>().value, 170);
}

TEST(Parse, SetsAnAttributeAndLeavesThePayloadAlone) {
  StageRunner runner(parse_spec(), R"({"as": "integer", "attribute": "n"})");
  const Outcome outcome = runner.run(bytes("7"));
  EXPECT_EQ(outcome.payload<Bytes>().view(), "7");
  EXPECT_EQ(*outcome.attributes.find("n"), AttributeValue(std::int64_t{7}));
}

TEST(Parse, SetsAttributesByPointers) {
  StageRunner runner(parse_spec(), R"({"attributes": {"width": "/size/0", "none": "/missing"}})");
  const Outcome outcome = runner.run(bytes(R"({"size": [64, 48]})"));
  EXPECT_EQ(*outcome.attributes.find("width"), AttributeValue(std::int64_t{64}));
  EXPECT_EQ(outcome.attributes.find("none"), nullptr);
  EXPECT_TRUE(outcome.emitted.front().payload.holds<Json>());
}

TEST(Parse, RefusesAttributesThatAreNoScalars) {
  StageRunner runner(parse_spec(), R"({"attributes": {"size": "/size"}})");
  EXPECT_EQ(runner.run(bytes(R"({"size": [64, 48]})")).code, "parse.not_scalar");
}

TEST(Parse, ChargesDocumentsForTheirMemory) {
  StageRunner runner(parse_spec());
  const Outcome outcome = runner.run(bytes("[" + std::string(1'000, '1') + "]"));
  EXPECT_EQ(outcome.memory_need, 16U * 1'002U);
}

TEST(Parse, RefusesPointersIntoNumbers) {
  EXPECT_THAT(error_of(parse_spec(), R"({"as": "integer", "attributes": {"a": "/b"}})"),
              HasSubstr("option.conflict at /attributes"));
}

}  // namespace
}  // namespace penstock::stages
