// The order of attribute values.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/number_order.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

namespace penstock::stages {
namespace {

using Number = std::variant<std::int64_t, double>;

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Number> number_in(std::string_view text) {
  // from_chars also reads "inf" and "nan", which are not numbers in JSON.
  if (text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return std::nullopt;
  if (const auto integer = parse_whole<std::int64_t>(text)) return Number(*integer);
  if (const auto number = parse_whole<double>(text)) return Number(*number);
  return std::nullopt;
}

std::optional<Number> as_number(const AttributeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return Number(*integer);
  if (const auto* number = std::get_if<double>(&value)) return Number(*number);
  return std::nullopt;
}

std::partial_ordering reversed(std::partial_ordering order) { return 0 <=> order; }

std::partial_ordering compare_numbers(const Number& left, const Number& right) {
  if (const auto* a = std::get_if<std::int64_t>(&left)) {
    if (const auto* b = std::get_if<std::int64_t>(&right)) return *a <=> *b;
    return compare(*a, std::get<double>(right));
  }
  const double a = std::get<double>(left);
  if (const auto* b = std::get_if<std::int64_t>(&right)) return reversed(compare(*b, a));
  return a <=> std::get<double>(right);
}

}  // namespace

std::partial_ordering compare(std::int64_t left, double right) {
  if (right != right) return std::partial_ordering::unordered;
  constexpr double kBeyond = 9223372036854775808.0;  // 2^63
  if (right >= kBeyond) return std::partial_ordering::less;
  if (right < -kBeyond) return std::partial_ordering::greater;
  const auto whole = static_cast<std::int64_t>(right);
  if (left != whole) return left <=> whole;
  return 0.0 <=> right - static_cast<double>(whole);  // Exact: both lie within one of each other.
}

std::partial_ordering compare(const AttributeValue& left, const AttributeValue& right) {
  if (const std::optional<Number> number = as_number(right)) {
    std::optional<Number> other = as_number(left);
    if (const auto* text = std::get_if<std::string>(&left)) other = number_in(*text);
    if (!other) return std::partial_ordering::unordered;
    return compare_numbers(*other, *number);
  }
  if (left.index() != right.index()) return std::partial_ordering::unordered;
  if (const auto* text = std::get_if<std::string>(&left)) return *text <=> std::get<std::string>(right);
  if (const auto* flag = std::get_if<bool>(&left)) return *flag <=> std::get<bool>(right);
  return std::partial_ordering::equivalent;  // Both null.
}

}  // namespace penstock::stages
