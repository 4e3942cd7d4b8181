// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/seeds.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace penstock::testing {
namespace {

constexpr const char* kVariable = "PENSTOCK_SEED";

}  // namespace

std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* given = std::getenv(kVariable)) {
    const std::string_view text = given;
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error != std::errc() || end != text.data() + text.size()) {
      throw std::invalid_argument(std::string(kVariable) + ": expected a number, got \"" + given + "\"");
    }
    return {seed};
  }
  std::vector<std::uint64_t> all(count);
  for (std::uint64_t i = 0; i < count; ++i) all[i] = i + 1;
  return all;
}

std::string seed_text(std::uint64_t seed) {
  return "with seed " + std::to_string(seed) + " (run it alone with " + kVariable + "=" + std::to_string(seed) + ")";
}

}  // namespace penstock::testing
