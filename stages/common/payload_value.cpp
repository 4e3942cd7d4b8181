// What a payload says, as text, as JSON or as a number, whatever type it has.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/payload_value.h"

#include <cmath>
#include <utility>
#include <variant>

#include "penstock/bytes.h"
#include "penstock/utf8.h"
#include "stages/common/json_text.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

[[noreturn]] void refuse(const Payload& payload) {
  throw ItemError(kNoText, "a payload of the type `" + std::string(payload.type().name) + "` has no form as text");
}

/// Nothing when there is no text in it.
std::optional<std::string_view> plain_text(const Payload& payload) {
  if (payload.holds<Bytes>()) return payload.get<Bytes>().view();
  if (payload.holds<Text>()) return payload.get<Text>().value;
  if (!payload.holds<Json>()) return std::nullopt;
  const auto* text = payload.get<Json>().value().get_ptr<const std::string*>();
  if (text == nullptr) return std::nullopt;
  return *text;
}

std::optional<AttributeValue> finite(AttributeValue value) {
  const auto* number = std::get_if<double>(&value);
  if (number != nullptr && !std::isfinite(*number)) return std::nullopt;
  return value;
}

std::optional<AttributeValue> number_in(std::string_view text) {
  constexpr std::size_t kLongest = 400;  // No number of interest is longer; nothing else has to be parsed.
  if (text.empty() || text.size() > kLongest || text.front() == '"') return std::nullopt;
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_number()) return std::nullopt;
  std::optional<AttributeValue> number = attribute_of(value);
  return number ? finite(*std::move(number)) : std::nullopt;
}

}  // namespace

std::string_view text_of(const Payload& payload, const std::string& key, std::string& scratch) {
  if (const auto text = plain_text(payload)) return *text;
  if (payload.holds<None>()) return key;
  if (payload.holds<Integer>()) {
    scratch = std::to_string(payload.get<Integer>().value);
  } else if (payload.holds<Json>()) {
    scratch = dump_json(payload.get<Json>().value());
  } else {
    refuse(payload);
  }
  return scratch;
}

nlohmann::json json_of(const Payload& payload, const std::string& key) {
  if (payload.holds<Json>()) return payload.get<Json>().value();
  if (payload.holds<Integer>()) return payload.get<Integer>().value;
  const std::optional<std::string_view> text = payload.holds<None>() ? std::string_view(key) : plain_text(payload);
  if (!text) refuse(payload);
  if (find_invalid_utf8(*text) != text->size()) throw ItemError(kNotUtf8);
  return std::string(*text);
}

std::optional<AttributeValue> number_of(const Payload& payload, const std::string& key) {
  if (payload.holds<Integer>()) return AttributeValue(payload.get<Integer>().value);
  if (payload.holds<None>()) return number_in(key);
  if (const auto text = plain_text(payload)) return number_in(*text);
  if (!payload.holds<Json>() || !payload.get<Json>().value().is_number()) return std::nullopt;
  std::optional<AttributeValue> number = attribute_of(payload.get<Json>().value());
  return number ? finite(*std::move(number)) : std::nullopt;
}

std::optional<AttributeValue> number_of(const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return number_in(*text);
  if (std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value)) return finite(value);
  return std::nullopt;
}

std::optional<std::uint64_t> unsigned_of(const Payload& payload) {
  if (payload.holds<Integer>()) {
    const std::int64_t value = payload.get<Integer>().value;
    return value < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(value));
  }
  if (!payload.holds<Json>()) return std::nullopt;
  const nlohmann::json& value = payload.get<Json>().value();
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_number_integer() && value.get<std::int64_t>() >= 0) return value.get<std::uint64_t>();
  return std::nullopt;
}

}  // namespace penstock::stages
