// The stage `fold`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/fold/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
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

SourceItem with(Payload payload) { return {"k", {}, std::move(payload)}; }
SourceItem json(nlohmann::json value) { return with(Payload(Json(std::move(value)))); }

std::string options_of(const std::string& operation, const std::string& emit = "final") {
  return R"({"operation": ")" + operation + R"(", "emit": ")" + emit + R"("})";
}

/// The result at the end as JSON; "none" or the code of its failure.
std::string folded(const std::string& operation, std::initializer_list<nlohmann::json> values) {
  StageRunner runner(fold_spec(), options_of(operation));
  for (const nlohmann::json& value : values) EXPECT_EQ(runner.run(json(value)).verdict, Verdict::absorbed);
  const std::optional<Outcome> last = runner.finish();
  if (!last) return "none";
  return last->verdict == Verdict::emitted ? last->payload<Json>().value().dump() : last->code;
}

TEST(Fold, GivesOneResultAtTheEnd) {
  EXPECT_EQ(folded("min", {10, 4, 22}), "4");
  EXPECT_EQ(folded("max", {10, 4, 22}), "22");
  EXPECT_EQ(folded("sum", {10, 4, 22}), "36");
  EXPECT_EQ(folded("count", {10, "x", nullptr}), "3");
  EXPECT_EQ(folded("mean", {10, 4, 22}), "12.0");
}

TEST(Fold, OfNoItemsIsNothingOrZero) {
  EXPECT_EQ(folded("min", {}), "none");
  EXPECT_EQ(folded("max", {}), "none");
  EXPECT_EQ(folded("mean", {}), "none");
  EXPECT_EQ(folded("sum", {}), "0");
  EXPECT_EQ(folded("count", {}), "0");
}

TEST(Fold, GivesTheResultSoFarForEachItem) {
  StageRunner runner(fold_spec(), options_of("min", "running"));
  EXPECT_EQ(runner.run(json(10)).payload<Json>().value(), 10);
  const Outcome second = runner.run(json(4));
  EXPECT_EQ(second.payload<Json>().value(), 4);
  EXPECT_EQ(second.key, "k");
  EXPECT_EQ(runner.run(json(22)).payload<Json>().value(), 4);
  EXPECT_FALSE(runner.finish().has_value());
}

TEST(Fold, TakesIntegersTextAndAttributes) {
  StageRunner payloads(fold_spec());
  payloads.run(with(Payload(Integer{1})));
  payloads.run(with(Payload(Bytes("20"))));
  payloads.run(with(Payload(Text{"300"})));
  payloads.run("4000");
  EXPECT_EQ(payloads.finish()->payload<Json>().value(), 4321);
  StageRunner attributes(fold_spec(), R"({"operation": "max", "attribute": "n"})");
  for (const AttributeValue& value : {AttributeValue(std::int64_t{3}), AttributeValue(std::string("7.5"))}) {
    SourceItem item = with(Payload());
    item.attributes.set("n", value);
    attributes.run(std::move(item));
  }
  EXPECT_EQ(attributes.finish()->payload<Json>().value(), 7.5);
}

TEST(Fold, FailsItemsThatHoldNoNumberAndGoesOn) {
  StageRunner runner(fold_spec());
  for (const nlohmann::json& value :
       {nlohmann::json("x"), nlohmann::json(), nlohmann::json(true), nlohmann::json(UINT64_MAX)}) {
    EXPECT_EQ(runner.run(json(value)).code, "fold.not_a_number") << value;
  }
  EXPECT_EQ(runner.run(with(Payload())).code, "fold.not_a_number");
  runner.run(json(5));
  EXPECT_EQ(runner.finish()->payload<Json>().value(), 5);
}

TEST(Fold, SumsIntegersExactly) {
  EXPECT_EQ(folded("sum", {INT64_MAX, INT64_MAX, 1}), "18446744073709551615");
  EXPECT_EQ(folded("sum", {INT64_MAX, INT64_MAX, -INT64_MAX, -INT64_MAX, -7}), "-7");
  EXPECT_EQ(folded("sum", {INT64_MAX, INT64_MAX, 2}), "fold.overflow");
  EXPECT_EQ(folded("sum", {INT64_MIN, -1}), "fold.overflow");
}

TEST(Fold, LosesNoSmallNumbersBesideLargeOnes) {
  EXPECT_EQ(folded("sum", {1e100, 1.0, -1e100}), "1.0");
  EXPECT_EQ(folded("sum", {9007199254740992, 0.5, 0.5, 0.5, 0.5}), "9.007199254740994e+15");
}

TEST(Fold, ComparesIntegersWithoutRounding) {
  EXPECT_EQ(folded("max", {9007199254740993, 9007199254740992.0}), "9007199254740993");
  EXPECT_EQ(folded("min", {9007199254740993, 9007199254740992.0}), "9.007199254740992e+15");
}

}  // namespace
}  // namespace penstock::stages
