// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/describe.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>

#include "framework/spec/option_json.h"
#include "framework/spec/option_text.h"

namespace penstock::spec {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 100;

/// Appends `text`, broken at spaces, every line behind `indent` spaces.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent) {
  const std::size_t width = kColumns - indent;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end > width) {
      end = text.rfind(' ', width);
      if (end == std::string_view::npos) end = std::min(text.find(' '), text.size());
    }
    out.append(indent, ' ').append(text.substr(0, end)).append("\n");
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
}

void append_padded(std::string& out, std::string_view text, std::size_t width) {
  out.append(text).append(text.size() < width ? width - text.size() : 0, ' ');
}

void append_option(std::string& out, const OptionRow& row, std::size_t name_width) {
  out.append("  ");
  append_padded(out, row.name, name_width);
  out.append("  ").append(row.type);
  if (row.is_required) {
    out.append("; required");
  } else if (!row.default_value.empty()) {
    out.append("; default ").append(row.default_value);
  }
  if (row.is_secret) out.append("; secret");
  out.append("\n");
  append_wrapped(out, row.doc, name_width + 4);
}

void append_options(std::string& out, std::string_view title, const KeyGroup& group) {
  const std::vector<OptionRow> rows = option_rows(group.keys, group.defaults.get());
  if (rows.empty()) return;
  out.append("\n").append(title).append("\n");
  std::size_t width = 0;
  for (const OptionRow& row : rows) width = std::max(width, row.name.size());
  for (const OptionRow& row : rows) append_option(out, row, std::min<std::size_t>(width, 24));
}

void append_port(std::string& out, std::string_view direction, const StageSpec& spec,
                 const std::optional<PortSpec>& port) {
  append_padded(out, direction, 8);
  if (!port) {
    out.append("none\n");
    return;
  }
  out.append(types_text(spec, *port));
  if (!port->doc.empty()) out.append(": ").append(port->doc);
  out.append("\n");
}

void append_entries(std::string& out, std::string_view title,
                    const std::vector<std::pair<std::string, std::string>>& entries) {
  if (entries.empty()) return;
  out.append("\n").append(title).append("\n");
  std::size_t width = 0;
  for (const auto& entry : entries) width = std::max(width, entry.first.size());
  for (const auto& [name, text] : entries) {
    out.append("  ");
    append_padded(out, name, width);
    out.append("  ").append(text).append("\n");
  }
}

Json port_json(const StageSpec& spec, const std::optional<PortSpec>& port, bool is_output) {
  if (!port) return nullptr;
  Json types = Json::array();
  for (const PayloadType* type : port->types) types.push_back(type->name);
  Json json = {{"name", port->name}, {"types", std::move(types)}, {"doc", port->doc}};
  if (is_output && spec.output_same_as_input) json["same_as_input"] = true;
  if (is_output && !spec.output_type_option.empty()) json["named_by"] = spec.output_type_option;
  return json;
}

}  // namespace

std::string_view to_string(StageKind kind) {
  switch (kind) {
    case StageKind::source:
      return "source";
    case StageKind::async_source:
      return "async_source";
    case StageKind::transform:
      return "transform";
    case StageKind::serial_transform:
      return "serial_transform";
    case StageKind::async_transform:
      return "async_transform";
    case StageKind::blocking_transform:
      return "blocking_transform";
    case StageKind::expand:
      return "expand";
    case StageKind::collect:
      return "collect";
    case StageKind::route:
      return "route";
  }
  return "unknown";
}

std::string types_text(const StageSpec& spec, const PortSpec& port) {
  if (spec.output_same_as_input && &port == &*spec.output) return "the same as the input";
  if (!spec.output_type_option.empty() && &port == &*spec.output) {
    return "the type that `" + spec.output_type_option + "` names";
  }
  std::string text;
  for (const PayloadType* type : port.types) text.append(text.empty() ? "" : " or ").append(type->name);
  if (text.empty()) text = "any";
  if (spec.port_types) text.append(", as the options say");
  return text;
}

std::string describe_all(const std::vector<std::shared_ptr<const StageSpec>>& specs) {
  std::size_t type_width = 0;
  std::size_t kind_width = 0;
  for (const auto& spec : specs) {
    type_width = std::max(type_width, spec->type.size());
    kind_width = std::max(kind_width, to_string(spec->kind).size());
  }
  std::string out;
  for (const auto& spec : specs) {
    append_padded(out, spec->type, type_width + 2);
    append_padded(out, to_string(spec->kind), kind_width + 2);
    out.append(spec->summary).append("\n");
  }
  return out;
}

std::string describe(const StageSpec& spec, const KeyGroup& common) {
  std::string out = spec.type;
  out.append(" (").append(to_string(spec.kind)).append(")\n");
  append_wrapped(out, spec.summary, 0);
  out.append("\n");
  append_port(out, "input", spec, spec.input);
  append_port(out, "output", spec, spec.output);
  const std::shared_ptr<const void> defaults = spec.make_params ? spec.make_params() : nullptr;
  append_options(out, "options", {spec.params, defaults});
  for (const OptionRule& rule : spec.rules) {
    if (rule.at_least_one_of.empty()) continue;
    std::string names;
    for (const std::string& name : rule.at_least_one_of) names.append(names.empty() ? "" : ", ").append(name);
    append_wrapped(out, "At least one of: " + names + ".", 2);
  }

  std::string common_names;
  for (const ParamSpec& key : common.keys) common_names.append(common_names.empty() ? "" : ", ").append(key.name);
  if (!common_names.empty()) {
    out.append("\nkeys of every stage\n");
    append_wrapped(out, common_names, 2);
  }

  std::vector<std::pair<std::string, std::string>> entries;
  for (const AttributeSpec& attribute : spec.attributes) entries.emplace_back(attribute.name, attribute.doc);
  if (spec.has_any_attributes) entries.emplace_back("*", "Names that the data brings along.");
  append_entries(out, "attributes that it sets", entries);
  entries.clear();
  for (const CounterSpec& counter : spec.counters) entries.emplace_back(counter.name, counter.doc);
  append_entries(out, "what it counts for the report", entries);
  entries.clear();
  for (const ErrorCode& error : spec.errors) {
    const bool is_transient = error.persistence == Persistence::transient;
    entries.emplace_back(error.code, std::string(error.text) + (is_transient ? " (`retry` tries again)" : ""));
  }
  append_entries(out, "errors", entries);
  if (!spec.example.empty()) out.append("\nexample\n  ").append(spec.example).append("\n");
  return out;
}

Json describe_json(const StageSpec& spec) {
  const std::shared_ptr<const void> defaults = spec.make_params ? spec.make_params() : nullptr;
  Json json = {{"type", spec.type}, {"summary", spec.summary}, {"kind", to_string(spec.kind)}};
  json["input"] = port_json(spec, spec.input, false);
  json["output"] = port_json(spec, spec.output, true);
  json["options"] = Json::array();
  for (const ParamSpec& param : spec.params) {
    Json option = {{"name", param.name}, {"type", type_text(param.type)}, {"required", param.is_required}};
    if (!param.is_required) option["default"] = shown_json(param, default_of(param, defaults.get()));
    if (!param.type.choices.empty()) option["choices"] = param.type.choices;
    if (param.type.range.min) option["min"] = *param.type.range.min;
    if (param.type.range.max) option["max"] = *param.type.range.max;
    if (param.is_secret) option["secret"] = true;
    option["doc"] = param.doc;
    json["options"].push_back(std::move(option));
  }
  json["attributes"] = Json::array();
  for (const AttributeSpec& a : spec.attributes) json["attributes"].push_back({{"name", a.name}, {"doc", a.doc}});
  json["counters"] = Json::array();
  for (const CounterSpec& c : spec.counters) json["counters"].push_back({{"name", c.name}, {"doc", c.doc}});
  json["errors"] = Json::array();
  for (const ErrorCode& error : spec.errors) {
    json["errors"].push_back(
        {{"code", error.code}, {"text", error.text}, {"transient", error.persistence == Persistence::transient}});
  }
  json["example"] = Json::parse(spec.example, nullptr, false);
  if (json["example"].is_discarded()) json["example"] = nullptr;
  return json;
}

}  // namespace penstock::spec
