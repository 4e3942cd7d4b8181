// Pollard's rho with Brent's cycle finding ("An improved Monte Carlo factorization algorithm", BIT 20, 1980): the
// differences of 128 steps are multiplied before one gcd is taken; when that swallows the number itself, the steps are
// taken again one by one.
// SPDX-License-Identifier: Apache-2.0
#include "stages/factorize/pollard_brent.h"

#include <algorithm>

#include "stages/common/binary_gcd.h"
#include "stages/factorize/montgomery.h"

namespace penstock::stages {
namespace {

constexpr std::uint64_t kStepsPerGcd = 128;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

std::uint64_t find_divisor(std::uint64_t number, std::uint64_t constant, const std::function<bool()>& should_stop) {
  const Montgomery field(number);
  const std::uint64_t c = field.from(constant);
  const auto step = [&](std::uint64_t x) { return field.add(field.multiply(x, x), c); };
  std::uint64_t y = field.from(2);
  std::uint64_t anchor = y;
  std::uint64_t before = y;  // Where the steps of the last gcd began.
  std::uint64_t divisor = 1;
  for (std::uint64_t length = 1; divisor == 1; length *= 2) {
    anchor = y;
    for (std::uint64_t i = 0; i < length; ++i) y = step(y);
    std::uint64_t product = field.one();
    for (std::uint64_t done = 0; done < length && divisor == 1; done += kStepsPerGcd) {
      if (should_stop()) return 0;
      before = y;
      const std::uint64_t steps = std::min(kStepsPerGcd, length - done);
      for (std::uint64_t i = 0; i < steps; ++i) {
        y = step(y);
        product = field.multiply(product, distance(anchor, y));
      }
      divisor = binary_gcd(product, number);
    }
  }
  if (divisor == number) {
    do {
      before = step(before);
      divisor = binary_gcd(distance(anchor, before), number);
    } while (divisor == 1);
  }
  return divisor == number ? 0 : divisor;
}

}  // namespace penstock::stages
