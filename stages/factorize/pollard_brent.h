// Divisors of composite numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace penstock::stages {

/// A divisor other than 1 and `number`, by the sequence x -> x^2 + `constant`; 0 when this sequence finds none, or
/// `should_stop`, asked every few microseconds, said so. REQUIRES: `number` is odd and composite; `constant` > 0.
///
/// About the square root of the smallest prime factor in steps: at most some 2^16 for 64 bits, 0.5 ms.
std::uint64_t find_divisor(std::uint64_t number, std::uint64_t constant, const std::function<bool()>& should_stop);

}  // namespace penstock::stages
