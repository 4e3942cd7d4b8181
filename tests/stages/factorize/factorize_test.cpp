// The stage `factorize`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/factorize/factorize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "penstock/testing/stage_runner.h"
#include "stages/factorize/divisors.h"
#include "stages/factorize/primality.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Verdict = Outcome::Verdict;

using Numbers = std::vector<std::uint64_t>;

SourceItem number(std::uint64_t value) { return {"k", {}, Payload(Json(nlohmann::json(value)))}; }

Numbers run(StageRunner& runner, std::uint64_t value) {
  const Outcome outcome = runner.run(number(value));
  EXPECT_EQ(outcome.verdict, Verdict::emitted) << value << ": " << outcome.message;
  if (outcome.verdict != Verdict::emitted) return {};
  return outcome.payload<Json>().value().get<Numbers>();
}
Numbers factors(std::uint64_t value, const char* options = "{}") {
  StageRunner runner(factorize_spec(), options);
  return run(runner, value);
}

/// By definition, for small numbers.
Numbers divisors_by_definition(std::uint64_t value) {
  Numbers divisors;
  for (std::uint64_t d = 1; d <= value; ++d) {
    if (value % d == 0) divisors.push_back(d);
  }
  return divisors;
}

TEST(Factorize, GivesPrimeFactorsWithTheirMultiplicity) {
  EXPECT_EQ(factors(1), Numbers());
  EXPECT_EQ(factors(2), Numbers({2}));
  EXPECT_EQ(factors(360), Numbers({2, 2, 2, 3, 3, 5}));
  EXPECT_EQ(factors(2139079), Numbers({101, 21179}));
  EXPECT_EQ(factors(1214759), Numbers({7, 7, 13, 1907}));
  EXPECT_EQ(factors(1516637), Numbers({19, 79823}));
  EXPECT_EQ(factors(1852285), Numbers({5, 271, 1367}));
  EXPECT_EQ(factors(999'999'999'989), Numbers({999'999'999'989}));
}

TEST(Factorize, GivesAllDivisorsSorted) {
  StageRunner fast(factorize_spec(), R"({"result": "divisors"})");
  StageRunner trial(factorize_spec(), R"({"result": "divisors", "method": "trial"})");
  for (std::uint64_t value = 1; value <= 2'000; ++value) {
    const Numbers expected = divisors_by_definition(value);
    EXPECT_EQ(run(fast, value), expected) << value;
    EXPECT_EQ(run(trial, value), expected) << value;
  }
}

TEST(Factorize, KnowsTheHardNumbersOf64Bits) {
  EXPECT_EQ(factors(UINT64_MAX), Numbers({3, 5, 17, 257, 641, 65'537, 6'700'417}));
  EXPECT_EQ(factors(18446744073709551557U), Numbers({18446744073709551557U}));           // The largest prime.
  EXPECT_EQ(factors(18446743979220271189U), Numbers({4'294'967'279U, 4'294'967'291U}));  // The largest semiprime.
  EXPECT_EQ(factors(18446744030759878681U), Numbers({4'294'967'291U, 4'294'967'291U}));  // A square.
  EXPECT_EQ(factors(std::uint64_t{1} << 63U), Numbers(63, 2));
  EXPECT_EQ(factors(3'825'123'056'546'413'051U), Numbers({149'491, 747'451, 34'233'211}));  // psi(9).
}

TEST(Factorize, TrialDivisionOverSeveralPartsGivesTheSame) {
  // About 10^12: the square root is far beyond one part. A prime, a semiprime, a record holder with 6720 divisors.
  for (const std::uint64_t value : {999'999'999'989U, 1'000'003U * std::uint64_t{1'000'033}, 963'761'198'400U}) {
    EXPECT_EQ(factors(value, R"({"result": "divisors", "method": "trial"})"),
              factors(value, R"({"result": "divisors"})"));
    EXPECT_EQ(factors(value, R"({"method": "trial"})"), factors(value));
  }
}

TEST(Factorize, ProductsOfRandomFactorsComeApartAgain) {
  const std::uint64_t seed = 20'240'601;
  std::mt19937_64 random(seed);
  StageRunner runner(factorize_spec());
  for (int i = 0; i < 2'000; ++i) {
    const int bits = 1 + static_cast<int>(random() % 32);
    const std::uint64_t a = 1 + (random() >> (64 - bits));
    const std::uint64_t b = 1 + (random() >> 33U);
    const Numbers parts = run(runner, a * b);
    std::uint64_t product = 1;
    for (const std::uint64_t part : parts) {
      EXPECT_TRUE(is_prime(part)) << part << " of " << a * b << ", seed " << seed;
      product *= part;
    }
    EXPECT_EQ(product, a * b);
    EXPECT_TRUE(std::is_sorted(parts.begin(), parts.end()));
  }
}

TEST(Factorize, KnowsPrimesFromTheirSieve) {
  constexpr std::uint64_t kEnd = 200'000;
  std::vector<bool> is_composite(kEnd, false);
  for (std::uint64_t n = 2; n < kEnd; ++n) {
    EXPECT_EQ(is_prime(n), !is_composite[n]) << n;
    if (is_composite[n]) continue;
    for (std::uint64_t multiple = n * n; multiple < kEnd; multiple += n) is_composite[multiple] = true;
  }
}

TEST(Factorize, RefusesWhatIsNoPositiveInteger) {
  StageRunner runner(factorize_spec());
  for (const nlohmann::json& value :
       {nlohmann::json(0), nlohmann::json(-1), nlohmann::json(1.5), nlohmann::json("7"), nlohmann::json()}) {
    EXPECT_EQ(runner.run({"k", {}, Payload(Json(value))}).code, "factorize.not_positive") << value;
  }
  EXPECT_EQ(runner.run({"k", {}, Payload(Integer{0})}).code, "factorize.not_positive");
  EXPECT_EQ(runner.run({"k", {}, Payload(Integer{6})}).payload<Json>().value(), nlohmann::json({2, 3}));
}

TEST(Factorize, ReservesMemoryForTheMostDivisors) {
  // 897612484786617600 has 103680 divisors, more than any smaller number.
  StageRunner runner(factorize_spec(), R"({"result": "divisors"})");
  const Outcome outcome = runner.run(number(897'612'484'786'617'600U));
  ASSERT_EQ(outcome.payload<Json>().value().size(), 103'680U);
  EXPECT_GE(outcome.memory_need, 103'680U * 16);
  EXPECT_EQ(runner.run(number(12)).memory_need, 0U);
  // Record holders: the bound is never below them.
  const std::vector<std::pair<int, std::uint64_t>> records = {
      {3, 4}, {6, 12}, {7, 16}, {10, 32}, {20, 240}, {30, 1'344}, {40, 6'720}, {50, 26'880}, {60, 103'680}};
  for (const auto& [bits, divisors] : records) EXPECT_GE(most_divisors(bits), divisors) << bits;
}

TEST(Factorize, StopsWhenTheRunIsCancelled) {
  StageRunner runner(factorize_spec(), R"({"method": "trial"})");
  runner.open();
  runner.cancel();
  EXPECT_EQ(runner.run(number(18446744073709551557U)).verdict, Verdict::cancelled);
}

}  // namespace
}  // namespace penstock::stages
