// Quantities that configurations write with their unit: "15 s", "512 MiB".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/export.h"

namespace penstock {

/// A span of time, in nanoseconds. Written `"250 ms"`, `"1.5 s"`, `"2 min"`, `"1 h"`; units ns, us, ms, s, min, h, d.
using Duration = std::chrono::nanoseconds;

/// A number of bytes. Written `"512 MiB"`, `"10 MB"`, `"4096 B"`; units B, kB, MB, GB, TB, KiB, MiB, GiB, TiB.
struct ByteSize {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

/// Nothing when the text is not a number followed by a known unit, is negative, or does not fit.
PENSTOCK_API std::optional<Duration> parse_duration(std::string_view text);
PENSTOCK_API std::optional<ByteSize> parse_byte_size(std::string_view text);

/// The shortest exact text that the parsers read back to the same value: `"90 s"`, `"1536 KiB"`.
PENSTOCK_API std::string to_string(Duration duration);
PENSTOCK_API std::string to_string(ByteSize size);

}  // namespace penstock
