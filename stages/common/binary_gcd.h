// The binary algorithm (Stein 1967; Knuth, The Art of Computer Programming 2, 4.5.2, algorithm B).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace penstock::stages {

/// gcd(0, n) = n. Shifts and subtractions only: a division of 64 bits costs ten times as much.
constexpr std::uint64_t binary_gcd(std::uint64_t a, std::uint64_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  const int twos = std::countr_zero(a | b);
  a >>= std::countr_zero(a);
  do {
    b >>= std::countr_zero(b);
    const std::uint64_t smaller = std::min(a, b);
    b = std::max(a, b) - smaller;
    a = smaller;
  } while (b != 0);
  return a << twos;
}

}  // namespace penstock::stages
