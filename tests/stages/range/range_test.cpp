// The stage `range`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/range/range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::stages {
namespace {

using penstock::testing::StageRunner;

std::string error_of(const StageSpec& spec, const std::string& options) {
  try {
    StageRunner runner(spec, options);
  } catch (const ConfigError& error) {
    const Diagnostic& first = error.diagnostics().front();
    return first.code + " at " + first.where.pointer + ": " + first.message;
  }
  return {};
}

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::int64_t> numbers(const std::string& options) {
  StageRunner runner(range_spec(), options);
  std::vector<std::int64_t> values;
  for (const SourceItem& item : runner.collect()) {
    values.push_back(item.payload.get<Integer>().value);
    EXPECT_EQ(item.key, std::to_string(values.back()));
  }
  EXPECT_EQ(runner.total(), values.size());
  return values;
}

TEST(Range, CountsFromZeroByOne) { EXPECT_THAT(numbers(R"({"to": 3})"), ElementsAre(0, 1, 2)); }

TEST(Range, LeavesTheEndOut) {
  EXPECT_THAT(numbers(R"({"start": 1, "to": 10, "step": 3})"), ElementsAre(1, 4, 7));
  EXPECT_THAT(numbers(R"({"start": 1, "to": 11, "step": 3})"), ElementsAre(1, 4, 7, 10));
}

TEST(Range, CountsDown) { EXPECT_THAT(numbers(R"({"start": 5, "to": -5, "step": -4})"), ElementsAre(5, 1, -3)); }

TEST(Range, IsEmptyWhenTheEndIsBehindTheStart) {
  EXPECT_THAT(numbers(R"({"start": 5, "to": 5})"), IsEmpty());
  EXPECT_THAT(numbers(R"({"start": 5, "to": 1})"), IsEmpty());
  EXPECT_THAT(numbers(R"({"start": 1, "to": 5, "step": -1})"), IsEmpty());
}

TEST(Range, ReachesTheLargestBounds) {
  EXPECT_THAT(numbers(R"({"start": -9007199254740992, "to": 9007199254740992, "step": 9007199254740992})"),
              ElementsAre(-9007199254740992, 0));
}

TEST(Range, NeedsAnEndAndAStep) {
  EXPECT_THAT(error_of(range_spec(), "{}"), HasSubstr("option.missing"));
  EXPECT_THAT(error_of(range_spec(), R"({"to": 1, "step": 0})"), HasSubstr("option.value at /step"));
}

}  // namespace
}  // namespace penstock::stages
