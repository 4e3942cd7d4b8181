// The same test under many interleavings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace penstock::testing {

/// 1 to `count`. With the variable PENSTOCK_SEED set, that seed alone: to run the one again that failed.
/// Throws std::invalid_argument when the variable is no number.
std::vector<std::uint64_t> seeds(std::uint64_t count);

/// `with seed 17 (run it alone with PENSTOCK_SEED=17)`.
std::string seed_text(std::uint64_t seed);

/// Thrown by for_each_seed(): what() names the seed, then says what was wrong.
class SeedFailed : public std::runtime_error {
 public:
  SeedFailed(std::uint64_t seed, const std::string& why)
      : std::runtime_error(seed_text(seed) + ": " + why), seed_(seed) {}
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
};

/// Calls `body(seed)` for each of seeds(count), up to the first that throws. For tests whose expectations do not throw
/// see penstock/testing/gtest.h.
template <class Body>
void for_each_seed(std::uint64_t count, Body body) {
  for (const std::uint64_t seed : seeds(count)) {
    try {
      body(seed);
    } catch (const std::exception& error) {
      throw SeedFailed(seed, error.what());
    }
  }
}

}  // namespace penstock::testing
