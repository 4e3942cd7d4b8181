// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/option_text.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "framework/spec/option_json.h"

namespace penstock::spec {
namespace {

using Kind = OptionType::Kind;

// The bounds that a C++ integer brings along say nothing to a reader.
constexpr double kLargestExact = 9007199254740992.0;
constexpr double kLargestUnsigned = 4294967295.0;
constexpr double kLargestSigned = 2147483647.0;

bool is_of_machine(double bound) {
  return std::abs(bound) >= kLargestExact || bound == kLargestUnsigned || bound == kLargestSigned ||
         bound == -kLargestSigned - 1;
}

std::string bound_text(Kind kind, double bound) {
  if (kind == Kind::duration) return to_string(Duration(static_cast<Duration::rep>(bound)));
  if (kind == Kind::byte_size) return to_string(ByteSize{static_cast<std::uint64_t>(bound)});
  if (std::trunc(bound) == bound) return std::to_string(static_cast<std::int64_t>(bound));
  return nlohmann::json(bound).dump();
}

std::string range_text(const OptionType& type) {
  std::optional<double> min = type.range.min;
  std::optional<double> max = type.range.max;
  if (max && is_of_machine(*max)) max.reset();
  if (min && is_of_machine(*min)) min.reset();
  // Durations cannot be negative, and an empty text, list or map is nothing special.
  if (min && *min == 0 && type.kind != Kind::integer && type.kind != Kind::number) min.reset();
  if (!min && !max) return {};
  std::string_view unit;
  if (type.kind == Kind::text) unit = " characters";
  if (type.kind == Kind::list || type.kind == Kind::map) unit = " entries";
  if (!unit.empty() && min && *min == 1 && !max) return ", not empty";
  std::string text = ", ";
  if (min && max) {
    text += bound_text(type.kind, *min) + " to " + bound_text(type.kind, *max);
  } else if (min) {
    text += "at least " + bound_text(type.kind, *min);
  } else {
    text += "at most " + bound_text(type.kind, *max);
  }
  return text.append(unit);
}

std::string kind_text(const OptionType& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::text:
      return "text";
    case Kind::duration:
      return "duration";
    case Kind::byte_size:
      return "size";
    case Kind::choice: {
      std::string text = "one of ";
      for (const std::string& choice : type.choices) text += (text.size() > 7 ? ", " : "") + choice;
      return text;
    }
    case Kind::list:
      return type.element ? "list of: " + type_text(*type.element) : "list";
    case Kind::map:
      return type.element ? "object of: " + type_text(*type.element) : "object";
    case Kind::object:
      return "object";
    case Kind::json:
      return "JSON";
  }
  return {};
}

void add_rows(std::vector<OptionRow>& rows, const std::string& prefix, const ParamSpec& param,
              const OptionValue& default_value);

/// The keys of the objects within an option.
void add_inner_rows(std::vector<OptionRow>& rows, const std::string& name, const OptionType& type,
                    const OptionValue& default_value) {
  if (type.kind == Kind::list && type.element) {
    add_inner_rows(rows, name + "[]", *type.element, OptionValue());
  } else if (type.kind == Kind::map && type.element) {
    add_inner_rows(rows, name + ".*", *type.element, OptionValue());
  } else if (type.kind == Kind::object) {
    for (const ParamSpec& field : type.fields) {
      OptionValue field_default;
      if (default_value.holds<OptionMap>()) {
        for (const auto& [key, held] : default_value.get<OptionMap>()) {
          if (key == field.name) field_default = held;
        }
      }
      add_rows(rows, name + ".", field, field_default);
    }
  }
}

void add_rows(std::vector<OptionRow>& rows, const std::string& prefix, const ParamSpec& param,
              const OptionValue& default_value) {
  OptionRow row;
  row.name = prefix + param.name;
  row.type = type_text(param.type);
  row.doc = param.doc;
  row.is_required = param.is_required;
  row.is_secret = param.is_secret;
  // The defaults of an object's keys stand in their own rows.
  if (!param.is_required && is_worth_showing(default_value) && param.type.kind != Kind::object) {
    row.default_value = shown_json(param, default_value).dump();
  }
  rows.push_back(std::move(row));
  add_inner_rows(rows, prefix + param.name, param.type, default_value);
}

}  // namespace

std::string type_text(const OptionType& type) {
  std::string text = type.hint.empty() ? kind_text(type) : type.hint;
  const bool says_not_empty = !type.hint.empty() && type.kind == Kind::text && type.range.min == 1.0 && !type.range.max;
  return says_not_empty ? text : text + range_text(type);
}

std::vector<OptionRow> option_rows(const std::vector<ParamSpec>& params, const void* defaults) {
  std::vector<OptionRow> rows;
  for (const ParamSpec& param : params) add_rows(rows, "", param, default_of(param, defaults));
  return rows;
}

}  // namespace penstock::spec
