// Multiplication modulo an odd number without division (Montgomery, "Modular multiplication without trial division",
// Mathematics of Computation 44, 1985), with R = 2^64.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace penstock::stages {

/// Numbers are in Montgomery form, a R mod n, and less than n. Thread safety: as a const value.
class Montgomery {
 public:
  /// REQUIRES: `modulus` is odd and greater than 1.
  explicit constexpr Montgomery(std::uint64_t modulus) : n_(modulus), r_(0 - modulus) {
    // Newton: each step doubles the bits of the inverse that are right; n is its own inverse modulo 8.
    inverse_ = n_;
    for (int bits = 3; bits < 64; bits *= 2) inverse_ *= 2 - n_ * inverse_;
    r_ %= n_;
    r_squared_ = static_cast<std::uint64_t>(Wide{r_} * r_ % n_);
  }

  std::uint64_t modulus() const { return n_; }
  std::uint64_t one() const { return r_; }
  std::uint64_t minus_one() const { return n_ - r_; }
  /// Into Montgomery form; any number of 64 bits.
  std::uint64_t from(std::uint64_t number) const { return multiply(number % n_, r_squared_); }

  std::uint64_t multiply(std::uint64_t a, std::uint64_t b) const {
    const Wide product = Wide{a} * b;
    const std::uint64_t m = static_cast<std::uint64_t>(product) * inverse_;
    const auto high = static_cast<std::uint64_t>(product >> 64U);
    const auto reduced = static_cast<std::uint64_t>((Wide{m} * n_) >> 64U);
    return high >= reduced ? high - reduced : high - reduced + n_;
  }
  std::uint64_t add(std::uint64_t a, std::uint64_t b) const { return a >= n_ - b ? a - (n_ - b) : a + b; }
  std::uint64_t power(std::uint64_t base, std::uint64_t exponent) const {
    std::uint64_t result = r_;
    for (; exponent != 0; exponent >>= 1U, base = multiply(base, base)) {
      if ((exponent & 1U) != 0) result = multiply(result, base);
    }
    return result;
  }

 private:
  __extension__ using Wide = unsigned __int128;

  std::uint64_t n_;
  std::uint64_t inverse_ = 0;    // n times it is 1 modulo 2^64.
  std::uint64_t r_;              // 2^64 mod n: 1 in Montgomery form.
  std::uint64_t r_squared_ = 0;  // 2^128 mod n.
};

}  // namespace penstock::stages
