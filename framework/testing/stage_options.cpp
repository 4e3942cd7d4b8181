// Options of one stage from a JSON text, for the runner of a single stage.
// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/stage_options.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/units.h"

namespace penstock::testing {
namespace {

using Json = nlohmann::ordered_json;
using Kind = OptionType::Kind;

[[noreturn]] void refuse(DiagnosticCode code, std::string pointer, std::string message, std::string help = {}) {
  SourceLocation where;
  where.file = "<string>";
  where.pointer = std::move(pointer);
  throw ConfigError(
      {{Severity::error, std::string(code.name()), std::move(where), std::move(message), std::move(help)}});
}

OptionValue convert(const Json& json, const OptionType& type, const std::string& pointer);

void check_range(double value, const OptionType& type, const std::string& pointer) {
  if ((type.range.min && value < *type.range.min) || (type.range.max && value > *type.range.max)) {
    refuse("option.range", pointer, "the value is out of range");
  }
}

OptionValue convert_untyped(const Json& json) {
  static const OptionType kAny{.kind = Kind::json};
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return json.get<std::int64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::array: {
      OptionList list;
      for (const Json& element : json) list.push_back(convert(element, kAny, {}));
      return list;
    }
    case Json::value_t::object: {
      OptionMap map;
      for (const auto& [key, element] : json.items()) map.emplace_back(key, convert(element, kAny, {}));
      return map;
    }
    default:
      return {};
  }
}

OptionValue convert_text(const Json& json, const OptionType& type, const std::string& pointer) {
  const auto text = json.get<std::string>();
  if (type.kind == Kind::duration) {
    const std::optional<Duration> duration = parse_duration(text);
    if (!duration) refuse("option.type", pointer, "expected a duration such as \"15 s\", got \"" + text + "\"");
    check_range(static_cast<double>(duration->count()), type, pointer);
    return *duration;
  }
  if (type.kind == Kind::byte_size) {
    const std::optional<ByteSize> size = parse_byte_size(text);
    if (!size) refuse("option.type", pointer, "expected a size such as \"10 MiB\", got \"" + text + "\"");
    check_range(static_cast<double>(size->bytes), type, pointer);
    return *size;
  }
  if (type.kind == Kind::choice && std::find(type.choices.begin(), type.choices.end(), text) == type.choices.end()) {
    refuse("option.value", pointer, "\"" + text + "\" is not one of the choices");
  }
  if (type.kind == Kind::text) check_range(static_cast<double>(text.size()), type, pointer);
  return text;
}

OptionValue convert_object(const Json& json, const OptionType& type, const std::string& pointer) {
  OptionMap map;
  for (const auto& [key, element] : json.items()) {
    const std::string place = pointer + "/" + key;
    if (type.kind == Kind::map) {
      map.emplace_back(key, convert(element, *type.element, place));
      continue;
    }
    const auto field =
        std::find_if(type.fields.begin(), type.fields.end(), [&key](const auto& f) { return f.name == key; });
    if (field == type.fields.end()) refuse("option.unknown", place, "there is no option `" + key + "`");
    map.emplace_back(key, convert(element, field->type, place));
  }
  return map;
}

OptionValue convert(const Json& json, const OptionType& type, const std::string& pointer) {
  if (type.kind == Kind::json) return convert_untyped(json);
  if (json.is_null()) return {};
  switch (type.kind) {
    case Kind::boolean:
      if (json.is_boolean()) return json.get<bool>();
      break;
    case Kind::integer:
      if (json.is_number_integer()) {
        check_range(json.get<double>(), type, pointer);
        return json.get<std::int64_t>();
      }
      break;
    case Kind::number:
      if (json.is_number()) {
        check_range(json.get<double>(), type, pointer);
        return json.get<double>();
      }
      break;
    case Kind::list:
      if (json.is_array()) {
        check_range(static_cast<double>(json.size()), type, pointer);
        OptionList list;
        for (const Json& element : json) {
          list.push_back(convert(element, *type.element, pointer + "/" + std::to_string(list.size())));
        }
        return list;
      }
      break;
    case Kind::map:
      if (json.is_object()) check_range(static_cast<double>(json.size()), type, pointer);
      [[fallthrough]];
    case Kind::object:
      if (json.is_object()) return convert_object(json, type, pointer);
      break;
    default:
      if (json.is_string()) return convert_text(json, type, pointer);
  }
  refuse("option.type", pointer, std::string("the option does not take a JSON ") + json.type_name());
}

}  // namespace

std::shared_ptr<void> parse_stage_options(const StageSpec& spec, std::string_view text, const std::string& base) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object()) refuse("json.syntax", "", "expected the stage's options as a JSON object");
  std::shared_ptr<void> params = spec.make_params();
  const OptionContext context{base};
  std::string pointer;
  try {
    for (const auto& [key, value] : document.items()) {
      if (key == "type" || key == "name") continue;
      pointer = "/" + key;
      const auto param =
          std::find_if(spec.params.begin(), spec.params.end(), [&key](const auto& p) { return p.name == key; });
      if (param == spec.params.end())
        refuse("option.unknown", pointer, "`" + spec.type + "` has no option `" + key + "`");
      param->set(params.get(), convert(value, param->type, pointer), context);
    }
    pointer.clear();
    for (const ParamSpec& param : spec.params) {
      if (param.is_required && !document.contains(param.name)) {
        refuse("option.missing", "/" + param.name, "`" + spec.type + "` needs the option `" + param.name + "`");
      }
    }
    for (const OptionRule& rule : spec.rules) rule.check(params.get());
  } catch (const OptionError& error) {
    refuse(error.code(), pointer + error.pointer(), error.what(), error.help());
  }
  return params;
}

}  // namespace penstock::testing
