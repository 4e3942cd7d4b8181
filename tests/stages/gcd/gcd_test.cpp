// The stage `gcd`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/gcd/gcd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <utility>

#include "penstock/testing/stage_runner.h"
#include "stages/common/binary_gcd.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

nlohmann::json gcd_of(nlohmann::json numbers) {
  StageRunner runner(gcd_spec());
  const Outcome outcome = runner.run({"k", {}, Payload(Json(std::move(numbers)))});
  if (outcome.verdict != Verdict::emitted) return outcome.code;
  return outcome.payload<Json>().value();
}

TEST(Gcd, OfPairs) {
  EXPECT_EQ(gcd_of({1963309, 2265973}), 1);
  EXPECT_EQ(gcd_of({2030677, 3814172}), 1);
  EXPECT_EQ(gcd_of({1551645, 2229620}), 5);
  EXPECT_EQ(gcd_of({2039045, 2020802}), 1);
  EXPECT_EQ(gcd_of({48, -36}), 12);
}

TEST(Gcd, OfListsOfAnyLength) {
  EXPECT_EQ(gcd_of(nlohmann::json::array()), 0);
  EXPECT_EQ(gcd_of({0, 0}), 0);
  EXPECT_EQ(gcd_of({-21}), 21);
  EXPECT_EQ(gcd_of({0, 30, 42, 70}), 2);
}

TEST(Gcd, ReachesTheEndsOf64Bits) {
  EXPECT_EQ(gcd_of({INT64_MIN, 0}), std::uint64_t{1} << 63U);
  EXPECT_EQ(gcd_of({UINT64_MAX, UINT64_MAX}), UINT64_MAX);
}

TEST(Gcd, AgreesWithTheStandardLibrary) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t shared = random() >> 40U;
    const std::uint64_t a = shared * (random() >> 40U);
    const std::uint64_t b = shared * (random() >> (i % 64));
    EXPECT_EQ(binary_gcd(a, b), std::gcd(a, b)) << a << " " << b;
  }
}

TEST(Gcd, ReducesLongListsInParts) {
  nlohmann::json numbers = nlohmann::json::array();
  for (std::uint64_t i = 1; i <= 50'000; ++i) numbers.push_back(35 * i);
  EXPECT_EQ(gcd_of(numbers), 35);
  numbers.push_back(49);
  EXPECT_EQ(gcd_of(numbers), 7);
}

TEST(Gcd, RefusesListsThatHoldAnythingElse) {
  EXPECT_EQ(gcd_of(12), "gcd.not_integers");
  EXPECT_EQ(gcd_of({1, "2"}), "gcd.not_integers");
  nlohmann::json numbers = nlohmann::json::array();
  for (int i = 0; i < 10'000; ++i) numbers.push_back(1);
  numbers[7'000] = 1.5;
  EXPECT_EQ(gcd_of(numbers), "gcd.not_integers");
}

}  // namespace
}  // namespace penstock::stages
