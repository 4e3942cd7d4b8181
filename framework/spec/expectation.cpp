// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/expectation.h"

#include <cmath>
#include <functional>
#include <vector>

#include "framework/base/quote.h"
#include "penstock/units.h"

namespace penstock::spec {
namespace {

std::string number_text(double value) {
  if (std::floor(value) == value && std::abs(value) < 1e15) return std::to_string(static_cast<long long>(value));
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}
std::string duration_text(double value) { return to_string(Duration(static_cast<Duration::rep>(value))); }
std::string size_text(double value) { return to_string(ByteSize{static_cast<std::uint64_t>(value)}); }

using Format = std::function<std::string(double)>;

/// ` from 1 to 9`, `, at least 1`, `, at most 9` or nothing.
std::string bounds(const OptionRange& range, const Format& format) {
  if (range.min && range.max) return " from " + format(*range.min) + " to " + format(*range.max);
  if (range.min) return ", at least " + format(*range.min);
  if (range.max) return ", at most " + format(*range.max);
  return {};
}

std::string integer_expectation(OptionRange range) {
  // The bounds of the C++ type are no news to anybody.
  constexpr double kExact = 9007199254740992.0;
  if (range.max && (*range.max >= kExact || *range.max == 4294967295.0 || *range.max == 2147483647.0))
    range.max.reset();
  if (range.min && (*range.min <= -kExact || *range.min == -2147483648.0)) range.min.reset();
  return "an integer" + bounds(range, number_text);
}

std::string text_expectation(const OptionType& type) {
  std::string text = type.hint.empty() ? "a text" : type.hint;
  const OptionRange& range = type.range;
  if (range.max) return text + bounds(range, number_text) + " characters";
  if (range.min && *range.min > 1) return text + ", at least " + number_text(*range.min) + " characters";
  if (range.min && *range.min == 1) return text + " that is not empty";
  return text;
}

std::string list_expectation(const OptionType& type, const char* what, const char* unit) {
  std::string text = what;
  const OptionRange& range = type.range;
  if (range.min && range.max) {
    text += " of " + number_text(*range.min) + " to " + number_text(*range.max) + " " + unit;
  } else if (range.min || range.max) {
    text += bounds(range, number_text) + " " + unit;
  }
  if (type.element != nullptr && type.element->kind != OptionType::Kind::json) {
    text += "; each: " + expectation(*type.element);
  }
  return text;
}

}  // namespace

std::string expectation(const OptionType& type) {
  using Kind = OptionType::Kind;
  switch (type.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return integer_expectation(type.range);
    case Kind::number:
      return "a number" + bounds(type.range, number_text);
    case Kind::text:
      return text_expectation(type);
    case Kind::duration: {
      OptionRange range = type.range;
      if (range.min && *range.min == 0) range.min.reset();  // No duration is negative.
      return "a duration such as \"15 s\"" + bounds(range, duration_text);
    }
    case Kind::byte_size:
      return "a size such as \"512 MiB\"" + bounds(type.range, size_text);
    case Kind::choice: {
      std::vector<std::string> quoted;
      for (const std::string& choice : type.choices) quoted.push_back(quote(choice));
      return (quoted.size() == 1 ? "" : "one of ") + join_names(quoted);
    }
    case Kind::list:
      return list_expectation(type, "a list", "elements");
    case Kind::map:
      return list_expectation(type, "an object", "keys");
    case Kind::object:
      return "an object";
    case Kind::json:
      return type.hint.empty() ? "a JSON value" : type.hint;
  }
  return {};
}

}  // namespace penstock::spec
