// How the schema is made for editors: a stage is checked by one `if type is X then X's definition` per stage type, so
// that errors and completions speak of that type only; `defaultSnippets` (an extension of Visual Studio Code) offers
// each type's example.
// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/json_schema.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "framework/spec/option_json.h"
#include "framework/spec/quantity_pattern.h"

namespace penstock::spec {
namespace {

using Json = nlohmann::ordered_json;
using Kind = OptionType::Kind;

constexpr const char* kPlaceholder = "#/$defs/placeholder";           // Any text with a ${name} in it.
constexpr const char* kOnlyPlaceholder = "#/$defs/only_placeholder";  // Nothing but one ${name}: it keeps its type.

Json number_json(double value) {
  if (std::trunc(value) == value && std::abs(value) <= 9007199254740992.0) return static_cast<std::int64_t>(value);
  return value;
}

void add_range(Json& schema, const OptionRange& range, const char* min, const char* max) {
  if (range.min) schema[min] = number_json(*range.min);
  if (range.max) schema[max] = number_json(*range.max);
}

class SchemaWriter {
 public:
  Json write(const std::vector<std::shared_ptr<const StageSpec>>& specs, const DocumentSpec& given);
  /// Without parameters: nothing may stand for a value.
  Json write_plain(const std::string& title, const std::string& description, const KeyGroup& document);

 private:
  /// The value of `stages`; the declaration `key` says how many there may be.
  Json stages(const std::vector<std::shared_ptr<const StageSpec>>& specs, const KeyGroup& common, const ParamSpec& key);
  Json stage(const StageSpec& spec, const KeyGroup& common);
  Json property(const ParamSpec& param, const OptionValue& default_value, bool has_default);
  Json properties(const KeyGroup& group);
  Json object(const std::vector<ParamSpec>& fields, const OptionValue* defaults);
  /// `type` and what may stand for it while parameters are not filled in.
  Json value(const OptionType& type, const OptionValue* default_value);
  /// `type` alone.
  Json plain(const OptionType& type, const OptionValue* default_value);
  Json free_form(const OptionType& type);

  Json definitions_ = Json::object();
  bool has_parameters_ = true;
};

Json quantity(const OptionType& type) {
  const bool is_duration = type.kind == Kind::duration;
  Json schema = {{"type", "string"}};
  const std::vector<std::string> patterns =
      is_duration ? duration_patterns(type.range) : byte_size_patterns(type.range);
  if (patterns.size() == 1) {
    schema["pattern"] = patterns.front();
  } else {
    for (const std::string& pattern : patterns) schema["allOf"].push_back({{"pattern", pattern}});
  }
  return schema;
}

Json SchemaWriter::free_form(const OptionType& type) {
  if (type.schema.empty()) return Json::object();
  Json schema = Json::parse(type.schema);
  if (const auto nested = schema.find("$defs"); nested != schema.end()) {
    for (const auto& [name, definition] : nested->items()) definitions_[name] = definition;
    schema.erase(nested);
  }
  return schema;
}

Json SchemaWriter::plain(const OptionType& type, const OptionValue* default_value) {
  Json schema = Json::object();
  switch (type.kind) {
    case Kind::boolean:
      schema["type"] = "boolean";
      break;
    case Kind::integer:
    case Kind::number:
      schema["type"] = type.kind == Kind::integer ? "integer" : "number";
      add_range(schema, type.range, "minimum", "maximum");
      break;
    case Kind::text:
      schema["type"] = "string";
      add_range(schema, type.range, "minLength", "maxLength");
      break;
    case Kind::duration:
    case Kind::byte_size:
      return quantity(type);
    case Kind::choice:
      schema["enum"] = type.choices;
      break;
    case Kind::list:
      schema["type"] = "array";
      if (type.element) schema["items"] = value(*type.element, nullptr);
      add_range(schema, type.range, "minItems", "maxItems");
      break;
    case Kind::map:
      schema["type"] = "object";
      if (type.element) schema["additionalProperties"] = value(*type.element, nullptr);
      add_range(schema, type.range, "minProperties", "maxProperties");
      break;
    case Kind::object:
      return object(type.fields, default_value);
    case Kind::json:
      return free_form(type);
  }
  return schema;
}

Json SchemaWriter::value(const OptionType& type, const OptionValue* default_value) {
  Json schema = plain(type, default_value);
  if (!has_parameters_) return schema;
  const bool takes_any_text = schema.empty() || (type.kind == Kind::text && schema.size() == 1);
  if (takes_any_text) return schema;
  const bool is_written_as_text = type.kind == Kind::text || type.kind == Kind::duration ||
                                  type.kind == Kind::byte_size || type.kind == Kind::choice;
  const char* placeholder = is_written_as_text ? kPlaceholder : kOnlyPlaceholder;
  return {{"anyOf", Json::array({std::move(schema), {{"$ref", placeholder}}})}};
}

Json SchemaWriter::property(const ParamSpec& param, const OptionValue& default_value, bool has_default) {
  Json schema = Json::object();
  if (!param.doc.empty()) schema["description"] = param.doc;
  const bool shows_default = has_default && !param.is_required && is_worth_showing(default_value);
  if (shows_default && param.type.kind != Kind::object) schema["default"] = shown_json(param, default_value);
  schema.update(value(param.type, shows_default ? &default_value : nullptr));
  return schema;
}

Json SchemaWriter::properties(const KeyGroup& group) {
  Json schema = Json::object();
  for (const ParamSpec& key : group.keys) {
    schema[key.name] = property(key, default_of(key, group.defaults.get()), group.defaults != nullptr);
  }
  return schema;
}

Json required_of(const std::vector<ParamSpec>& params) {
  Json names = Json::array();
  for (const ParamSpec& param : params) {
    if (param.is_required) names.push_back(param.name);
  }
  return names;
}

Json SchemaWriter::object(const std::vector<ParamSpec>& fields, const OptionValue* defaults) {
  Json schema = {{"type", "object"}, {"properties", Json::object()}};
  for (const ParamSpec& field : fields) {
    OptionValue field_default;
    if (defaults != nullptr && defaults->holds<OptionMap>()) {
      for (const auto& [key, held] : defaults->get<OptionMap>()) {
        if (key == field.name) field_default = held;
      }
    }
    schema["properties"][field.name] = property(field, field_default, true);
  }
  if (Json required = required_of(fields); !required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

/// One of the options differs from its default: it is there, and holds another value.
Json at_least_one_of(const std::vector<std::string>& names, const StageSpec& spec, const void* defaults) {
  Json alternatives = Json::array();
  for (const std::string& name : names) {
    const auto param =
        std::find_if(spec.params.begin(), spec.params.end(), [&](const auto& p) { return p.name == name; });
    if (param == spec.params.end()) continue;
    const Json other = {{"not", {{"const", to_json(default_of(*param, defaults))}}}};
    alternatives.push_back({{"required", {name}}, {"properties", {{name, other}}}});
  }
  return {{"anyOf", std::move(alternatives)}};
}

Json SchemaWriter::stage(const StageSpec& spec, const KeyGroup& common) {
  const std::shared_ptr<const void> defaults = spec.make_params ? spec.make_params() : nullptr;
  Json schema = {{"description", spec.summary}, {"type", "object"}};
  schema["properties"] = properties({spec.params, defaults});
  // Checked once for all types; named here, as `additionalProperties` sees only its own `properties`.
  for (const ParamSpec& key : common.keys) schema["properties"][key.name] = true;
  if (Json required = required_of(spec.params); !required.empty()) schema["required"] = std::move(required);
  for (const OptionRule& rule : spec.rules) {
    if (!rule.at_least_one_of.empty()) {
      schema["allOf"].push_back(at_least_one_of(rule.at_least_one_of, spec, defaults.get()));
    }
  }
  schema["additionalProperties"] = false;
  return schema;
}

Json SchemaWriter::stages(const std::vector<std::shared_ptr<const StageSpec>>& specs, const KeyGroup& common,
                          const ParamSpec& key) {
  Json types = Json::array();
  Json summaries = Json::array();
  Json choices = Json::array();
  Json snippets = Json::array();
  for (const auto& spec : specs) {
    types.push_back(spec->type);
    summaries.push_back(spec->summary);
    const std::string definition = "stage_" + spec->type;
    definitions_[definition] = stage(*spec, common);
    choices.push_back({{"if", {{"properties", {{"type", {{"const", spec->type}}}}}, {"required", {"type"}}}},
                       {"then", {{"$ref", "#/$defs/" + definition}}}});
    if (Json body = Json::parse(spec->example, nullptr, false); body.is_object()) {
      snippets.push_back({{"label", spec->type}, {"description", spec->summary}, {"body", std::move(body)}});
    }
  }
  Json item = {{"type", "object"}, {"required", {"type"}}};
  item["properties"] = properties(common);
  item["properties"]["type"] = {
      {"description", "The stage type."},
      {"anyOf", {{{"enum", types}, {"enumDescriptions", summaries}}, {{"$ref", kPlaceholder}}}}};
  if (!choices.empty()) item["allOf"] = std::move(choices);
  if (!snippets.empty()) item["defaultSnippets"] = std::move(snippets);
  const Json placeholder = {{"$ref", kOnlyPlaceholder}};
  Json list = {{"type", "array"}, {"items", {{"anyOf", Json::array({std::move(item), placeholder})}}}};
  add_range(list, key.type.range, "minItems", "maxItems");
  return {{"description", key.doc}, {"anyOf", Json::array({std::move(list), placeholder})}};
}

/// The key of that name, which is added at the front when it is missing.
const ParamSpec& add_missing(KeyGroup& group, std::string name, std::string doc, bool is_required = false) {
  for (ParamSpec& key : group.keys) {
    if (key.name == name) return key;
  }
  ParamSpec key;
  key.name = std::move(name);
  key.doc = std::move(doc);
  key.is_required = is_required;
  if (key.name == "stages") key.type = {.kind = Kind::list, .range = at_least(1)};
  return *group.keys.insert(group.keys.begin(), std::move(key));
}

Json SchemaWriter::write(const std::vector<std::shared_ptr<const StageSpec>>& specs, const DocumentSpec& given) {
  DocumentSpec document = given;
  add_missing(document.document, "$schema", "Where this schema is, for editors.");
  const ParamSpec stages_key = add_missing(document.document, "stages", "The stages.", true);
  add_missing(document.common, "type", "The stage type.", true);
  add_missing(document.common, "name", "The name of the stage; by default its type.");

  definitions_["placeholder"] = {
      {"description", "Text with a `${name}` or `${env:NAME}`, replaced when the file is read."},
      {"type", "string"},
      {"pattern", "\\$\\{"}};
  definitions_["only_placeholder"] = {{"description", "A `${name}` of `params`, replaced when the file is read."},
                                      {"type", "string"},
                                      {"pattern", "^\\$\\{[^{}]*\\}$"}};
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", "Penstock pipeline"},
                 {"description", "A pipeline that `penstock run` runs."},
                 {"type", "object"}};
  schema["properties"] = properties(document.document);
  schema["properties"]["stages"] = stages(specs, document.common, stages_key);
  schema["required"] = required_of(document.document.keys);
  schema["additionalProperties"] = false;
  schema["$defs"] = std::move(definitions_);
  return schema;
}

Json SchemaWriter::write_plain(const std::string& title, const std::string& description, const KeyGroup& document) {
  has_parameters_ = false;
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                 {"title", title},
                 {"description", description},
                 {"type", "object"}};
  schema["properties"] = properties(document);
  schema["required"] = required_of(document.keys);
  schema["additionalProperties"] = false;
  if (!definitions_.empty()) schema["$defs"] = std::move(definitions_);
  return schema;
}

}  // namespace

Json json_schema(const std::string& title, const std::string& description, const KeyGroup& document) {
  return SchemaWriter().write_plain(title, description, document);
}

Json json_schema(const std::vector<std::shared_ptr<const StageSpec>>& specs, const DocumentSpec& document) {
  return SchemaWriter().write(specs, document);
}

}  // namespace penstock::spec
