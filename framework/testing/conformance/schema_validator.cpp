// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/conformance/schema_validator.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace penstock::testing {
namespace {

using Json = nlohmann::ordered_json;

bool has_type(const std::string& type, const Json& value) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "number") return value.is_number();
  if (type == "integer") {
    return value.is_number_integer() || (value.is_number() && std::floor(value.get<double>()) == value.get<double>());
  }
  throw std::invalid_argument("schema validator: unknown type " + type);
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool keeps_bound(const std::string& keyword, const Json& bound, const Json& value) {
  if (keyword == "minimum") return !value.is_number() || value.get<double>() >= bound.get<double>();
  if (keyword == "maximum") return !value.is_number() || value.get<double>() <= bound.get<double>();
  const auto limit = bound.get<std::size_t>();
  if (keyword == "minLength") return !value.is_string() || characters(value.get<std::string>()) >= limit;
  if (keyword == "maxLength") return !value.is_string() || characters(value.get<std::string>()) <= limit;
  if (keyword == "minItems") return !value.is_array() || value.size() >= limit;
  if (keyword == "maxItems") return !value.is_array() || value.size() <= limit;
  if (keyword == "minProperties") return !value.is_object() || value.size() >= limit;
  return !value.is_object() || value.size() <= limit;
}

const std::set<std::string>& bounds() {
  static const std::set<std::string> kBounds = {"minimum",  "maximum",  "minLength",     "maxLength",
                                                "minItems", "maxItems", "minProperties", "maxProperties"};
  return kBounds;
}

/// Keywords that say nothing about validity by themselves.
const std::set<std::string>& annotations() {
  static const std::set<std::string> kAnnotations = {
      "$schema", "$defs", "title", "description", "default", "then", "enumDescriptions", "defaultSnippets"};
  return kAnnotations;
}

}  // namespace

bool SchemaValidator::accepts(const Json& schema, const Json& value) const {
  if (schema.is_boolean()) return schema.get<bool>();
  // In draft-07 nothing beside a $ref counts.
  if (schema.contains("$ref")) {
    const auto pointer = schema.at("$ref").get<std::string>().substr(1);
    return accepts(root_.at(Json::json_pointer(pointer)), value);
  }
  return std::all_of(schema.items().begin(), schema.items().end(),
                     [&](const auto& entry) { return accepts(entry.key(), entry.value(), schema, value); });
}

bool SchemaValidator::accepts(const std::string& keyword, const Json& rule, const Json& schema,
                              const Json& value) const {
  const auto accepted = [&](const Json& alternative) { return accepts(alternative, value); };
  if (annotations().contains(keyword)) return true;
  if (bounds().contains(keyword)) return keeps_bound(keyword, rule, value);
  if (keyword == "type") {
    if (rule.is_string()) return has_type(rule, value);
    return std::any_of(rule.begin(), rule.end(), [&](const Json& type) { return has_type(type, value); });
  }
  if (keyword == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end();
  if (keyword == "const") return rule == value;
  if (keyword == "anyOf") return std::any_of(rule.begin(), rule.end(), accepted);
  if (keyword == "allOf") return std::all_of(rule.begin(), rule.end(), accepted);
  if (keyword == "not") return !accepts(rule, value);
  if (keyword == "if") return !accepts(rule, value) || accepts(schema.at("then"), value);
  if (keyword == "pattern") {
    return !value.is_string() || re2::RE2::PartialMatch(value.get<std::string>(), rule.get<std::string>());
  }
  if (keyword == "items") {
    return !value.is_array() ||
           std::all_of(value.begin(), value.end(), [&](const Json& element) { return accepts(rule, element); });
  }
  if (keyword == "required") {
    return !value.is_object() || std::all_of(rule.begin(), rule.end(),
                                             [&](const Json& key) { return value.contains(key.get<std::string>()); });
  }
  // Together, from whichever of the two comes first.
  if (keyword == "properties" || keyword == "additionalProperties") return accepts_object(schema, value);
  throw std::invalid_argument("schema validator: unknown keyword " + keyword);
}

bool SchemaValidator::accepts_object(const Json& schema, const Json& value) const {
  if (!value.is_object()) return true;
  static const Json kNone = Json::object();
  const Json& properties = schema.contains("properties") ? schema.at("properties") : kNone;
  return std::all_of(value.items().begin(), value.items().end(), [&](const auto& member) {
    if (properties.contains(member.key())) return accepts(properties.at(member.key()), member.value());
    return !schema.contains("additionalProperties") || accepts(schema.at("additionalProperties"), member.value());
  });
}

}  // namespace penstock::testing
