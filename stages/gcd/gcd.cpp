// The greatest common divisor of a list.
// SPDX-License-Identifier: Apache-2.0
#include "stages/gcd/gcd.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_reduce.h>

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "penstock/stage.h"
#include "stages/common/binary_gcd.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

constexpr ErrorCode kNotIntegers{"gcd.not_integers", "The payload is no list of integers of at most 64 bits."};

// Two thousand take about 100 us: below, handing halves out costs more than it gains.
constexpr std::size_t kParallelFrom = 4096;
constexpr std::size_t kGrain = 1024;

std::uint64_t magnitude_of(const nlohmann::json& number) {
  if (number.is_number_unsigned()) return number.get<std::uint64_t>();
  if (!number.is_number_integer()) {
    throw ItemError(kNotIntegers, std::string("expected a list of integers, got one with ") + number.type_name());
  }
  const auto value = number.get<std::int64_t>();
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

std::uint64_t gcd_of(const nlohmann::json::array_t& numbers, std::size_t begin, std::size_t end, std::uint64_t gcd) {
  for (std::size_t i = begin; i < end && gcd != 1; ++i) gcd = binary_gcd(gcd, magnitude_of(numbers[i]));
  for (std::size_t i = begin; i < end; ++i) magnitude_of(numbers[i]);  // All are integers, also behind a 1.
  return gcd;
}

class Gcd final : public Transform<Json, Json> {
 public:
  Json process(const Json& in, StageContext& context) const override {
    const auto* numbers = in.value().get_ptr<const nlohmann::json::array_t*>();
    if (numbers == nullptr) {
      throw ItemError(kNotIntegers, std::string("expected a list of integers, got ") + in.value().type_name());
    }
    if (numbers->size() < kParallelFrom) return Json(nlohmann::json(gcd_of(*numbers, 0, numbers->size(), 0)));
    std::uint64_t gcd = 0;
    context.parallel([&] {
      using Part = tbb::blocked_range<std::size_t>;
      gcd = tbb::parallel_reduce(
          Part(0, numbers->size(), kGrain), std::uint64_t{0},
          [&](const Part& part, std::uint64_t before) { return gcd_of(*numbers, part.begin(), part.end(), before); },
          binary_gcd);
    });
    return Json(nlohmann::json(gcd));
  }
};

}  // namespace

StageSpec gcd_spec() {
  return describe_stage<Gcd>("gcd")
      .summary("Compute the greatest common divisor of a list of integers.")
      .input<Json>("numbers", "A list of integers; signs do not count.")
      .output<Json>("divisor", "The greatest common divisor; 0 for no numbers, or nothing but zeros.")
      .error(kNotIntegers)
      .example(R"({"type": "gcd"})");
}

}  // namespace penstock::stages
