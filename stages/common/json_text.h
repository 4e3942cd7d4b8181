// JSON as text and as attributes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "penstock/attributes.h"
#include "penstock/error.h"

namespace penstock::stages {

/// A stage that writes JSON declares it.
inline constexpr ErrorCode kNotUtf8{"json.not_utf8", "Bytes that are to become JSON are not UTF-8."};

/// What is wrong with a text that should be JSON.
class JsonTextError : public std::runtime_error {
 public:
  enum class Kind { syntax, number, depth };
  JsonTextError(Kind kind, const std::string& message, std::size_t byte)
      : std::runtime_error(message), kind_(kind), byte_(byte) {}
  Kind kind() const { return kind_; }
  /// Of the place, from 1; 0 when it is not known.
  std::size_t byte() const { return byte_; }

 private:
  Kind kind_;
  std::size_t byte_;
};

/// Documents are copied and written by recursion: what is let in must not exhaust a stack.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// Throws JsonTextError, which speaks the parser's own words.
nlohmann::json parse_json(std::string_view text);

/// Compact, on one line. Throws ItemError kNotUtf8.
std::string dump_json(const nlohmann::json& value);

/// Nothing for arrays, objects, and integers that an attribute cannot hold.
std::optional<AttributeValue> attribute_of(const nlohmann::json& value);
/// NaN and infinity become null when they are written.
nlohmann::json json_of(const AttributeValue& value);

}  // namespace penstock::stages
