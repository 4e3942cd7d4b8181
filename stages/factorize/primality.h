// Whether a number is prime.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace penstock::stages {

/// Exact for every number of 64 bits.
bool is_prime(std::uint64_t number);

}  // namespace penstock::stages
