// Deterministic Miller-Rabin.
// SPDX-License-Identifier: Apache-2.0
#include "stages/factorize/primality.h"

#include <array>
#include <bit>

#include "stages/factorize/montgomery.h"

namespace penstock::stages {
namespace {

// The first twelve primes are witnesses enough below 3.18 * 10^23 (Sorenson and Webster, "Strong pseudoprimes to twelve
// prime bases", Mathematics of Computation 86, 2017).
constexpr std::array<std::uint64_t, 12> kWitnesses = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
// The first four below 3.2 * 10^9 (Jaeschke, "On strong pseudoprimes to several bases", ibid. 61, 1993).
constexpr std::uint64_t kFourAreEnough = 3'215'031'751;

}  // namespace

bool is_prime(std::uint64_t number) {
  if (number < 2) return false;
  for (const std::uint64_t prime : kWitnesses) {
    if (number % prime == 0) return number == prime;
  }
  if (number < 37 * 37) return true;
  const Montgomery field(number);
  const int twos = std::countr_zero(number - 1);
  const std::uint64_t odd = (number - 1) >> twos;
  const std::size_t witnesses = number < kFourAreEnough ? 4 : kWitnesses.size();
  for (std::size_t i = 0; i < witnesses; ++i) {
    std::uint64_t x = field.power(field.from(kWitnesses[i]), odd);
    if (x == field.one()) continue;
    int squarings = 1;
    while (x != field.minus_one() && squarings++ < twos) x = field.multiply(x, x);
    if (x != field.minus_one()) return false;
  }
  return true;
}

}  // namespace penstock::stages
