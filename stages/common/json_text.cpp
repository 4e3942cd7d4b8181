// JSON as text and as attributes.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/json_text.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <variant>

namespace penstock::stages {
namespace {

/// Deepest nesting of arrays and objects. Brackets within strings do not count.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

/// The parser's own words, without its error number and place.
std::string without_prefix(std::string_view message) {
  const std::size_t number = message.find("] ");
  if (number != std::string_view::npos) message.remove_prefix(number + 2);
  const std::size_t place = message.starts_with("parse error") ? message.find(": ") : std::string_view::npos;
  if (place != std::string_view::npos) message.remove_prefix(place + 2);
  return std::string(message);
}

}  // namespace

nlohmann::json parse_json(std::string_view text) {
  if (depth_of(text) > kMaxJsonDepth) {
    throw JsonTextError(JsonTextError::Kind::depth,
                        "expected at most " + std::to_string(kMaxJsonDepth) + " levels of nesting", 0);
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    throw JsonTextError(JsonTextError::Kind::syntax, "expected a JSON value: " + without_prefix(error.what()),
                        error.byte);
  } catch (const nlohmann::json::exception& error) {  // A number that no double holds.
    throw JsonTextError(JsonTextError::Kind::number, "expected a JSON value: " + without_prefix(error.what()), 0);
  }
}

std::string dump_json(const nlohmann::json& value) {
  try {
    return value.dump();
  } catch (const nlohmann::json::type_error&) {
    throw ItemError(kNotUtf8);
  }
}

std::optional<AttributeValue> attribute_of(const nlohmann::json& value) {
  using Type = nlohmann::json::value_t;
  switch (value.type()) {
    case Type::null:
      return AttributeValue(nullptr);
    case Type::boolean:
      return AttributeValue(value.get<bool>());
    case Type::number_unsigned:
      if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
      return AttributeValue(value.get<std::int64_t>());
    case Type::number_integer:
      return AttributeValue(value.get<std::int64_t>());
    case Type::number_float:
      return AttributeValue(value.get<double>());
    case Type::string:
      return AttributeValue(value.get<std::string>());
    default:
      return std::nullopt;
  }
}

nlohmann::json json_of(const AttributeValue& value) {
  return std::visit([](const auto& scalar) { return nlohmann::json(scalar); }, value);
}

}  // namespace penstock::stages
