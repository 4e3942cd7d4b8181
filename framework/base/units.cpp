// Durations and byte sizes as text:
//
//     quantity = digits [ "." digits ] *" " unit
//
// Arithmetic is on integers only, so that "1.5 s" is exact and what is not a whole number of nanoseconds or bytes is
// no quantity.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/units.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <ranges>
#include <span>
#include <system_error>
#include <utility>

#include "framework/base/unit_table.h"

namespace penstock {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits at the front of `text` off it.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// 0.`digits` times `factor`; nothing when that is not a whole number. Long multiplication from the last digit: every
/// digit of the product behind the point must be zero. REQUIRES: `factor` < 2^60, so that no step overflows.
std::optional<std::uint64_t> scale_fraction(std::string_view digits, std::uint64_t factor) {
  std::uint64_t carry = 0;
  for (const char digit : std::views::reverse(digits)) {
    carry += static_cast<std::uint64_t>(digit - '0') * factor;
    if (carry % 10 != 0) return std::nullopt;
    carry /= 10;
  }
  return carry;
}

/// The quantity in the smallest unit.
std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  const std::string_view whole = take_digits(text);
  if (whole.empty()) return std::nullopt;
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == text; });
  if (unit == units.end()) return std::nullopt;

  std::uint64_t count = 0;
  if (std::from_chars(whole.data(), whole.data() + whole.size(), count).ec != std::errc()) return std::nullopt;
  const std::optional<std::uint64_t> rest = scale_fraction(fraction, unit->factor);
  if (!rest) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  if (count > (kMax - *rest) / unit->factor) return std::nullopt;
  return count * unit->factor + *rest;
}

/// `value` as a whole number of the unit that makes the shortest text; of the larger unit when two are equally short.
std::string format(std::uint64_t value, std::span<const Unit> units) {
  std::string shortest;
  for (const Unit& unit : units) {
    if (value % unit.factor != 0) continue;
    std::string text = std::to_string(value / unit.factor);
    text.append(" ").append(unit.name);
    if (shortest.empty() || text.size() <= shortest.size()) shortest = std::move(text);
  }
  return shortest;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const std::optional<std::uint64_t> count = parse(text, kDurationUnits);
  if (!count || *count > static_cast<std::uint64_t>(Duration::max().count())) return std::nullopt;
  return Duration(static_cast<Duration::rep>(*count));
}

std::optional<ByteSize> parse_byte_size(std::string_view text) {
  const std::optional<std::uint64_t> bytes = parse(text, kByteUnits);
  if (!bytes) return std::nullopt;
  return ByteSize{*bytes};
}

std::string to_string(Duration duration) {
  if (duration == Duration::zero()) return "0 s";
  const auto count = static_cast<std::uint64_t>(duration.count());
  // Negated as unsigned: the smallest duration has no positive counterpart.
  if (duration < Duration::zero()) return "-" + format(0 - count, kDurationUnits);
  return format(count, kDurationUnits);
}

std::string to_string(ByteSize size) {
  if (size.bytes == 0) return "0 B";
  return format(size.bytes, kByteUnits);
}

}  // namespace penstock
