// Work that takes its time. For the programs of docs/coming-from.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// How many primes are less than `end`, by trial division.
inline std::int64_t primes_below(std::int64_t end) {
  std::int64_t count = 0;
  for (std::int64_t n = 2; n < end; ++n) {
    bool is_prime = true;
    for (std::int64_t d = 2; d * d <= n && is_prime; ++d) is_prime = n % d != 0;
    count += is_prime ? 1 : 0;
  }
  return count;
}
