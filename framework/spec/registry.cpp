// SPDX-License-Identifier: Apache-2.0
#include "penstock/registry.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "framework/base/quote.h"
#include "framework/spec/common_options.h"

namespace penstock {
namespace {

[[noreturn]] void refuse(const StageSpec& spec, const std::string& why) {
  throw std::invalid_argument("stage type " + quote(spec.type) + ": " + why);
}

bool is_source(const StageSpec& spec) { return spec.kind == StageKind::source || spec.kind == StageKind::async_source; }

void check_ports(const StageSpec& spec) {
  if (is_source(spec)) {
    if (spec.input) refuse(spec, "a source has no input");
    if (!spec.output) refuse(spec, "a source has an output");
    if (spec.output_same_as_input) refuse(spec, "a source has no input to take the output's type from");
  } else if (!spec.input) {
    refuse(spec, "everything but a source has an input");
  }
  if (spec.kind == StageKind::route && !spec.output) refuse(spec, "a route has an output, which stands for its ports");
  if (!spec.output) {
    if (spec.output_same_as_input) refuse(spec, "a sink has no output");
    return;
  }
  if (spec.output_same_as_input && !spec.output->types.empty()) {
    refuse(spec, "the output has either a type or that of the input");
  }
  // Bodies trust the type that they are given.
  if (!spec.output_type_option.empty()) {
    const auto is_it = [&](const ParamSpec& param) { return param.name == spec.output_type_option; };
    if (std::none_of(spec.params.begin(), spec.params.end(), is_it)) refuse(spec, "no option names the output's type");
  } else if (spec.output->types.empty() && !spec.output_same_as_input) {
    refuse(spec, "the output's type must be known: name it, or declare output_same_as_input()");
  }
  if (spec.output->name == "failed") refuse(spec, "the port name `failed` is taken");
  if (!spec::is_valid_name(spec.output->name)) refuse(spec, "an output port needs a name of letters, digits, `_`, `-`");
}

void check_type(const StageSpec& spec, const std::string& where, const OptionType& type);

void check_params(const StageSpec& spec, const std::string& where, const std::vector<ParamSpec>& params) {
  std::set<std::string> names;
  for (const ParamSpec& param : params) {
    const std::string name = where.empty() ? param.name : where + "." + param.name;
    if (param.name.empty()) refuse(spec, "an option without a name");
    if (!names.insert(param.name).second) refuse(spec, "the option " + quote_name(name) + " is declared twice");
    if (param.doc.empty()) refuse(spec, "the option " + quote_name(name) + " has no text");
    if (!param.set || !param.get) refuse(spec, "the option " + quote_name(name) + " is bound to no member");
    check_type(spec, name, param.type);
  }
}

void check_type(const StageSpec& spec, const std::string& where, const OptionType& type) {
  using Kind = OptionType::Kind;
  const std::string option = "the option " + quote_name(where);
  if (type.kind == Kind::choice && type.choices.empty()) refuse(spec, option + " has no choices");
  if ((type.kind == Kind::list || type.kind == Kind::map) && type.element == nullptr) {
    refuse(spec, option + " does not say what its values are");
  }
  if (type.range.min && type.range.max && *type.range.min > *type.range.max) refuse(spec, option + " accepts nothing");
  if (type.element != nullptr) check_type(spec, where, *type.element);
  if (type.kind == Kind::object) check_params(spec, where, type.fields);
}

void check_common_keys(const StageSpec& spec) {
  const std::vector<std::string>& keys = spec::common_keys();
  for (const ParamSpec& param : spec.params) {
    if (std::find(keys.begin(), keys.end(), param.name) != keys.end()) {
      refuse(spec, "the option " + quote_name(param.name) + " is named like a key that every stage has");
    }
  }
}

void check_errors(const StageSpec& spec) {
  std::set<std::string_view> codes;
  for (const ErrorCode& error : spec.errors) {
    if (error.code.empty() || error.text.empty()) refuse(spec, "an error without code or text");
    if (!codes.insert(error.code).second) refuse(spec, "the error " + quote_name(error.code) + " is declared twice");
  }
}

void check_kind(const StageSpec& spec) {
  const bool is_serial = is_source(spec) || spec.kind == StageKind::serial_transform || spec.kind == StageKind::collect;
  if (spec.default_concurrency && is_serial) refuse(spec, "it is serial by its kind; it has no default concurrency");
  if (spec.default_concurrency == 0U) refuse(spec, "a default concurrency is at least 1");
  if (spec.only_computes && spec.kind != StageKind::source) refuse(spec, "only_computes() is for a Source");
}

}  // namespace

void Registry::add(StageSpec spec) {
  if (!spec::is_valid_name(spec.type)) refuse(spec, "a type is named by letters, digits, `_` and `-`");
  if (spec.summary.empty()) refuse(spec, "it has no summary");
  if (!spec.make_params || !spec.make_body) refuse(spec, "it was not made by describe_stage()");
  check_ports(spec);
  check_params(spec, "", spec.params);
  check_common_keys(spec);
  check_errors(spec);
  check_kind(spec);
  if (specs_.contains(spec.type)) refuse(spec, "the type exists already");
  std::string type = spec.type;
  specs_.emplace(std::move(type), std::make_shared<const StageSpec>(std::move(spec)));
}

std::shared_ptr<const StageSpec> Registry::find(std::string_view type) const {
  const auto at = specs_.find(type);
  return at == specs_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const StageSpec>> Registry::specs() const {
  std::vector<std::shared_ptr<const StageSpec>> specs;
  specs.reserve(specs_.size());
  for (const auto& entry : specs_) specs.push_back(entry.second);
  return specs;
}

}  // namespace penstock
