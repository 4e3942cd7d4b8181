// Prime factors or divisors of integers.
// SPDX-License-Identifier: Apache-2.0
#include "stages/factorize/factorize.h"

#include <array>
#include <bit>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/payload_value.h"
#include "stages/factorize/divisors.h"
#include "stages/factorize/trial_division.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

// `auto` is a keyword.
enum class Method { automatic, trial };
constexpr std::array<Name<Method>, 2> names_of(Method) {
  return {{{Method::automatic, "auto"}, {Method::trial, "trial"}}};
}
enum class Result { factors, divisors };
constexpr std::array<Name<Result>, 2> names_of(Result) {
  return {{{Result::factors, "factors"}, {Result::divisors, "divisors"}}};
}

constexpr ErrorCode kNotPositive{"factorize.not_positive", "The payload is no integer from 1 to 2^64 - 1."};

struct FactorizeParams {
  Result result = Result::factors;
  Method method = Method::automatic;
};

class Factorize final : public Transform<Payload, Json> {
 public:
  explicit Factorize(FactorizeParams params) : params_(params) {}

  Json process(const Payload& in, StageContext& context) const override {
    const std::optional<std::uint64_t> number = unsigned_of(in);
    if (!number || *number == 0) throw ItemError(kNotPositive);
    Json result(nlohmann::json(numbers_for(*number, context)));
    result.hold(context.keep(result.bytes()));
    return result;
  }

  /// Factors are a handful; divisors may be a hundred thousand, which are held twice for a moment.
  std::uint64_t memory_need(const Payload& in, const StageContext&) const {
    if (params_.result == Result::factors) return 0;
    const std::uint64_t bytes =
        most_divisors(static_cast<int>(std::bit_width(unsigned_of(in).value_or(0)))) * sizeof(nlohmann::json);
    return bytes < kSmall ? 0 : 2 * bytes;
  }

 private:
  static constexpr std::uint64_t kSmall = 64U << 10U;

  std::vector<std::uint64_t> numbers_for(std::uint64_t number, StageContext& context) const {
    if (params_.method == Method::trial) {
      std::vector<std::uint64_t> divisors = divisors_by_trial(number, context);
      return params_.result == Result::divisors ? divisors : factors_among(divisors);
    }
    std::vector<std::uint64_t> factors = prime_factors(number, context);
    return params_.result == Result::factors ? factors : divisors_of(factors);
  }

  const FactorizeParams params_;
};

}  // namespace

StageSpec factorize_spec() {
  return describe_stage<Factorize, FactorizeParams>("factorize")
      .summary("Compute the prime factors or the divisors of an integer.")
      .input<Integer, Json>("number", "An integer from 1 to 2^64 - 1; beyond 2^63 - 1 as a JSON number.")
      .output<Json>("numbers", "A sorted list of integers.")
      .param(&FactorizeParams::result, "result", "Prime factors with their multiplicity (none for 1), or all divisors.")
      .param(&FactorizeParams::method, "method",
             "Miller-Rabin and Pollard-Brent (`auto`), or division by every number up to the square root (`trial`); "
             "the results are the same.")
      .error(kNotPositive)
      .example(R"({"type": "factorize", "result": "divisors"})");
}

}  // namespace penstock::stages
