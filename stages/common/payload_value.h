// What a payload says, as text, as JSON or as a number, whatever type it has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/attributes.h"
#include "penstock/error.h"
#include "penstock/payload.h"

namespace penstock::stages {

/// Stages that use these functions declare it; those that write JSON also kNotUtf8 (json_text.h).
inline constexpr ErrorCode kNoText{"payload.no_text", "A payload of this type has no form as text or JSON."};

/// Bytes and text as they are, an integer in decimal, JSON compact (a JSON string without its quotes), and the key
/// where there is no payload. Valid while `payload`, `key` and `scratch` live unchanged. Throws ItemError kNoText,
/// kNotUtf8 (JSON only).
std::string_view text_of(const Payload& payload, const std::string& key, std::string& scratch);

/// JSON as it is, an integer as a number, bytes and text as a string, the key where there is no payload. Throws
/// ItemError kNoText, kNotUtf8.
nlohmann::json json_of(const Payload& payload, const std::string& key);

/// Of an integer, a JSON number, or text that is a number as JSON writes it (the key where there is no payload); an
/// integer or a double. Nothing for all else, for NaN and infinity, and for integers beyond 64 signed bits.
std::optional<AttributeValue> number_of(const Payload& payload, const std::string& key);
std::optional<AttributeValue> number_of(const AttributeValue& value);

/// Of an integer or a JSON number. Nothing for negative ones, fractions and all else.
std::optional<std::uint64_t> unsigned_of(const Payload& payload);

}  // namespace penstock::stages
