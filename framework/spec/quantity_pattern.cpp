// A bound is divided by each unit; the quotient is a decimal number, and "at most" or "at least" a decimal number is
// a regular language: compare digit by digit from the front. Digits behind the eighteenth of a fraction are cut off;
// no text that differs from the bound only there is a whole number of nanoseconds or bytes.
// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/quantity_pattern.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "framework/base/unit_table.h"

namespace penstock::spec {
namespace {

enum class Bound { at_least, at_most };

struct Decimal {
  std::string whole;     // Without leading zeros; empty for 0.
  std::string fraction;  // Without trailing zeros.
};

Decimal divide(std::uint64_t value, std::uint64_t factor) {
  Decimal result;
  if (value / factor != 0) result.whole = std::to_string(value / factor);
  // Factors are below 2^60, so that the remainder times ten fits.
  std::uint64_t rest = value % factor;
  while (rest != 0 && result.fraction.size() < 18) {
    rest *= 10;
    result.fraction += static_cast<char>('0' + rest / factor);
    rest %= factor;
  }
  return result;
}

std::string digits(char low, char high) {
  if (low == high) return {low};
  return std::string("[") + low + "-" + high + "]";
}

std::string group(const std::vector<std::string>& alternatives) {
  std::string text = "(";
  for (const std::string& alternative : alternatives) {
    if (text.size() > 1) text += "|";
    text += alternative;
  }
  return text + ")";
}

/// Digits of a fraction that is, read behind a point, at most (at least) `bound`. A missing digit counts as 0.
std::string compare_fraction(std::string_view bound, Bound direction) {
  if (bound.empty()) return direction == Bound::at_most ? "0*" : "[0-9]*";
  const char first = bound.front();
  std::vector<std::string> alternatives = {first + compare_fraction(bound.substr(1), direction)};
  if (direction == Bound::at_most) {
    if (first > '0') alternatives.push_back(digits('0', static_cast<char>(first - 1)) + "[0-9]*");
    return group(alternatives) + "?";
  }
  if (first < '9') alternatives.push_back(digits(static_cast<char>(first + 1), '9') + "[0-9]*");
  return group(alternatives);
}

/// The rest of a number whose whole part equals the bound's.
std::string compare_rest(const Decimal& bound, Bound direction) {
  const std::string compared = "\\." + compare_fraction(bound.fraction, direction);
  const bool may_be_whole = direction == Bound::at_most || bound.fraction.empty();
  return may_be_whole ? "(" + compared + ")?" : compared;
}

/// The rest of a number whose whole part equals the bound's up to `position` and has as many digits.
std::string compare_whole(const Decimal& bound, std::size_t position, Bound direction) {
  if (position == bound.whole.size()) return compare_rest(bound, direction);
  const char digit = bound.whole[position];
  const std::string further = std::to_string(bound.whole.size() - position - 1);
  const std::string any = "[0-9]{" + further + "}(\\.[0-9]+)?";
  std::vector<std::string> alternatives = {digit + compare_whole(bound, position + 1, direction)};
  // Leading zeros are taken off before; a shorter number is another alternative.
  const char lowest = position == 0 ? '1' : '0';
  if (direction == Bound::at_most && digit > lowest) {
    alternatives.push_back(digits(lowest, static_cast<char>(digit - 1)) + any);
  }
  if (direction == Bound::at_least && digit < '9') {
    alternatives.push_back(digits(static_cast<char>(digit + 1), '9') + any);
  }
  return group(alternatives);
}

/// A decimal number that is at most (at least) `bound`, with any number of leading zeros.
std::string compare(const Decimal& bound, Bound direction) {
  const std::size_t length = bound.whole.size();
  std::vector<std::string> alternatives;
  if (length == 0) {
    alternatives.push_back("0+" + compare_rest(bound, direction));
  } else {
    alternatives.push_back("0*" + compare_whole(bound, 0, direction));
  }
  if (direction == Bound::at_least) {
    alternatives.push_back("0*[1-9][0-9]{" + std::to_string(length) + ",}(\\.[0-9]+)?");
  } else if (length == 1) {
    alternatives.emplace_back("0+(\\.[0-9]+)?");
  } else if (length > 1) {
    alternatives.push_back("0*[0-9]{1," + std::to_string(length - 1) + "}(\\.[0-9]+)?");
  }
  return group(alternatives);
}

std::string any_quantity(std::span<const Unit> units) {
  std::vector<std::string> names;
  for (const Unit& unit : units) names.emplace_back(unit.name);
  return "^[0-9]+(\\.[0-9]+)? *" + group(names) + "$";
}

std::string bounded_quantity(std::uint64_t bound, std::span<const Unit> units, Bound direction) {
  std::vector<std::string> alternatives;
  for (const Unit& unit : units) {
    alternatives.push_back(compare(divide(bound, unit.factor), direction) + " *" + std::string(unit.name));
  }
  return "^" + group(alternatives) + "$";
}

/// REQUIRES: `bound` >= 0. Bounds beyond 2^63 bind nothing.
std::vector<std::string> patterns(const OptionRange& range, std::span<const Unit> units) {
  constexpr double kLargest = 9.0e18;
  std::vector<std::string> result = {any_quantity(units)};
  if (range.min && *range.min > 0) {
    result.push_back(bounded_quantity(static_cast<std::uint64_t>(std::ceil(*range.min)), units, Bound::at_least));
  }
  if (range.max && *range.max < kLargest) {
    result.push_back(bounded_quantity(static_cast<std::uint64_t>(std::floor(*range.max)), units, Bound::at_most));
  }
  return result;
}

}  // namespace

std::vector<std::string> duration_patterns(const OptionRange& range) { return patterns(range, kDurationUnits); }

std::vector<std::string> byte_size_patterns(const OptionRange& range) { return patterns(range, kByteUnits); }

}  // namespace penstock::spec
