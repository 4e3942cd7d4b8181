// Prime factors, and the divisors that they make.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/stage_context.h"

namespace penstock::stages {

/// Prime factors with their multiplicity, sorted; none for 1. Large composites are tried with several sequences at
/// once. Throws OperationCancelled when the run is cancelled meanwhile. REQUIRES: `number` > 0.
std::vector<std::uint64_t> prime_factors(std::uint64_t number, StageContext& context);

/// All products of sorted prime factors, sorted.
std::vector<std::uint64_t> divisors_of(const std::vector<std::uint64_t>& factors);

/// Sorted prime factors of a number whose divisors, sorted, these are.
std::vector<std::uint64_t> factors_among(const std::vector<std::uint64_t>& divisors);

/// The most divisors that a number of so many bits has.
std::uint64_t most_divisors(int bits);

}  // namespace penstock::stages
