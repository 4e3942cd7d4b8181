// SPDX-License-Identifier: Apache-2.0
#include "framework/config/parameters.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/config/expand.h"
#include "framework/spec/common_options.h"
#include "framework/spec/place.h"

namespace penstock::config {
namespace {

using spec::LocatedValue;

/// What a value of the same type looks like.
std::string type_of(const LocatedValue& value) {
  if (value.holds<bool>()) return "true or false";
  if (value.holds<std::int64_t>() || value.holds<double>()) return "a number";
  if (value.holds<std::string>()) return "a text";
  if (value.holds<LocatedValue::List>()) return "a list";
  if (value.holds<LocatedValue::Object>()) return "an object";
  return "anything";
}

/// The text of --set as a value of the same type as `standard`; nothing when it is none. A parameter whose default is
/// null takes any JSON, and what is no JSON as text.
std::optional<LocatedValue> read_given(const std::string& text, const LocatedValue& standard) {
  LocatedValue as_text{.value = text, .position = standard.position};
  if (standard.holds<std::string>()) return as_text;
  Diagnostics ignored("");
  std::optional<LocatedValue> value = spec::read_json(text, ignored);
  if (ignored.has_errors()) value.reset();
  if (standard.holds<std::nullptr_t>()) return value ? value : as_text;
  if (!value || type_of(*value) != type_of(standard)) return std::nullopt;
  return value;
}

Parameter read_parameter(const spec::LocatedMember& member, const spec::Place& place,
                         const std::map<std::string, std::string>& given, Diagnostics& out) {
  Parameter parameter{.name = member.key, .position = member.key_position, .value = member.value};
  if (!spec::is_valid_name(member.key)) {
    out.error("param.name", member.key_position, place.pointer(),
              "expected a parameter named by letters, digits, `_` and `-`, got " + quote_name(member.key));
  }
  const auto at = given.find(member.key);
  if (at == given.end()) {
    expand_environment(parameter.value, place, out);
    return parameter;
  }
  parameter.is_set = true;
  if (member.value.is_broken()) return parameter;
  if (std::optional<LocatedValue> value = read_given(at->second, member.value)) {
    parameter.value = std::move(*value);
    return parameter;
  }
  out.error(
      "param.type", member.value.position, place.pointer(),
      "--set " + member.key + ": expected " + type_of(member.value) + ", as its default is, got " + quote(at->second),
      "what --set gives is read as JSON where the default is not a text");
  parameter.value.value = LocatedValue::Broken();
  return parameter;
}

}  // namespace

std::vector<Parameter> read_parameters(const LocatedValue& root, const std::map<std::string, std::string>& given,
                                       Diagnostics& out) {
  std::vector<Parameter> parameters;
  const spec::LocatedMember* section = root.find("params");
  const spec::Place top;
  const spec::Place place(top, "params", root);
  const auto* members = section == nullptr ? nullptr : section->value.get_if<LocatedValue::Object>();
  if (members != nullptr) {
    for (const spec::LocatedMember& member : *members) {
      parameters.push_back(read_parameter(member, spec::Place(place, member.key, section->value), given, out));
    }
  } else if (section != nullptr) {
    return parameters;  // No object: reported with the other keys of the file.
  }
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
  for (const auto& entry : given) {
    if (std::find(names.begin(), names.end(), entry.first) != names.end()) continue;
    out.error("param.unknown", section == nullptr ? root.position : section->key_position,
              section == nullptr ? "" : place.pointer(),
              "--set " + quote_name(entry.first) +
                  " names no parameter of this file; it has: " + (names.empty() ? "none" : join_names(names)),
              suggest(entry.first, names));
  }
  return parameters;
}

void report_unused(const std::vector<Parameter>& parameters, Diagnostics& out) {
  const spec::LocatedValue document;
  const spec::Place top;
  const spec::Place place(top, "params", document);
  for (const Parameter& parameter : parameters) {
    if (parameter.is_used) continue;
    const std::string reference = quote_name("${" + parameter.name + "}");
    out.add(parameter.is_set ? Severity::error : Severity::warning, "param.unused", parameter.position,
            spec::Place(place, parameter.name, document).pointer(),
            (parameter.is_set ? "--set " + parameter.name + " has no effect: " : "") + "no text in this file holds " +
                reference,
            "use the parameter or remove it");
  }
}

}  // namespace penstock::config
