// The units that configurations know; see penstock/units.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace penstock {

struct Unit {
  std::string_view name;
  std::uint64_t factor;  ///< In nanoseconds or bytes; below 2^60.
};

inline constexpr std::uint64_t kSecond = 1'000'000'000;

// Both from the smallest to the largest.
inline constexpr std::array<Unit, 7> kDurationUnits = {{{"ns", 1},
                                                        {"us", 1'000},
                                                        {"ms", 1'000'000},
                                                        {"s", kSecond},
                                                        {"min", 60 * kSecond},
                                                        {"h", 3'600 * kSecond},
                                                        {"d", 86'400 * kSecond}}};
inline constexpr std::array<Unit, 9> kByteUnits = {{{"B", 1},
                                                    {"kB", 1'000},
                                                    {"KiB", 1ULL << 10U},
                                                    {"MB", 1'000'000},
                                                    {"MiB", 1ULL << 20U},
                                                    {"GB", 1'000'000'000},
                                                    {"GiB", 1ULL << 30U},
                                                    {"TB", 1'000'000'000'000},
                                                    {"TiB", 1ULL << 40U}}};

}  // namespace penstock
