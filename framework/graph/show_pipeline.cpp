// SPDX-License-Identifier: Apache-2.0
#include "framework/graph/show_pipeline.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "framework/config/expand.h"
#include "framework/spec/option_json.h"
#include "framework/spec/read_value.h"
#include "penstock/utf8.h"

namespace penstock::graph {
namespace {

using Json = nlohmann::ordered_json;
using spec::LocatedValue;

/// Texts as a file writes them: a `${` in the value is no reference.
void escape_texts(Json& json) {
  if (json.is_string()) json = config::escape_references(json.get_ref<const std::string&>());
  if (json.is_structured()) {
    for (Json& element : json) escape_texts(element);
  }
}

bool has_environment(const LocatedValue& value) {
  if (value.printed != nullptr) return true;
  if (const auto* list = value.get_if<LocatedValue::List>()) {
    return std::any_of(list->begin(), list->end(), has_environment);
  }
  const auto* members = value.get_if<LocatedValue::Object>();
  return members != nullptr && std::any_of(members->begin(), members->end(),
                                           [](const spec::LocatedMember& m) { return has_environment(m.value); });
}

/// As it was written, but for parameters.
Json written_json(const LocatedValue& value) {
  if (value.printed != nullptr) return *value.printed;
  Json json;
  if (const auto* list = value.get_if<LocatedValue::List>()) {
    json = Json::array();
    for (const LocatedValue& element : *list) json.push_back(written_json(element));
  } else if (const auto* members = value.get_if<LocatedValue::Object>()) {
    json = Json::object();
    for (const spec::LocatedMember& member : *members) json[member.key] = written_json(member.value);
  } else {
    json = spec::to_json(spec::to_option_value(value));
    escape_texts(json);
  }
  return json;
}

bool is_within(const OptionRange& range, double value) {
  return (!range.min || value >= *range.min) && (!range.max || value <= *range.max);
}

/// A default may say "not set" by a value that nobody could write.
bool can_be_written(const OptionType& type, const OptionValue& value) {
  if (value.is_absent()) return false;
  if (value.holds<std::string>() && type.kind == OptionType::Kind::text) {
    return is_within(type.range, static_cast<double>(count_characters(value.get<std::string>())));
  }
  if (value.holds<std::int64_t>()) return is_within(type.range, static_cast<double>(value.get<std::int64_t>()));
  if (value.holds<double>()) return is_within(type.range, value.get<double>());
  if (value.holds<Duration>()) return is_within(type.range, static_cast<double>(value.get<Duration>().count()));
  if (value.holds<ByteSize>()) return is_within(type.range, static_cast<double>(value.get<ByteSize>().bytes));
  if (value.holds<OptionList>()) return is_within(type.range, static_cast<double>(value.get<OptionList>().size()));
  if (value.holds<OptionMap>() && type.kind == OptionType::Kind::map) {
    return is_within(type.range, static_cast<double>(value.get<OptionMap>().size()));
  }
  return true;
}

/// `value` without the fields that are not set.
OptionValue without_unset(const OptionType& type, const OptionValue& value) {
  if (value.holds<OptionList>() && type.element != nullptr) {
    OptionList list;
    for (const OptionValue& element : value.get<OptionList>()) list.push_back(without_unset(*type.element, element));
    return list;
  }
  if (!value.holds<OptionMap>()) return value;
  OptionMap map;
  for (const auto& [key, held] : value.get<OptionMap>()) {
    if (type.kind != OptionType::Kind::object) {
      map.emplace_back(key, type.element == nullptr ? held : without_unset(*type.element, held));
      continue;
    }
    for (const ParamSpec& field : type.fields) {
      if (field.name == key && can_be_written(field.type, held)) map.emplace_back(key, without_unset(field.type, held));
    }
  }
  return map;
}

/// Adds what `params` read from `object` into `target`.
void add_options(Json& json, const std::vector<ParamSpec>& params, const void* target, const LocatedValue& object) {
  for (const ParamSpec& param : params) {
    if (!param.get) continue;
    const spec::LocatedMember* member = object.find(param.name);
    if (!param.is_secret && member != nullptr && has_environment(member->value)) {
      json[param.name] = written_json(member->value);
      continue;
    }
    const OptionValue value = param.get(target);
    if (!can_be_written(param.type, value)) continue;
    Json shown = spec::shown_json(param, without_unset(param.type, value));
    escape_texts(shown);
    json[param.name] = std::move(shown);
  }
}

/// For each stage, the ports that it reads, as `from` names them.
std::vector<std::vector<std::string>> input_ports(const Graph& graph) {
  std::vector<std::vector<std::string>> inputs(graph.stages.size());
  for (const GraphStage& stage : graph.stages) {
    for (const OutputPort& port : stage.outputs) {
      const bool is_route = stage.kind() == StageKind::route;
      for (const StageIndex reader : port.readers) {
        inputs[reader].push_back(is_route ? stage.name + "." + port.name : stage.name);
      }
    }
    for (const StageIndex reader : stage.failed_readers) inputs[reader].push_back(stage.name + ".failed");
  }
  return inputs;
}

Json show_stage(const config::StageConfig& config, const GraphStage& stage, std::vector<std::string> inputs) {
  spec::CommonOptions common = config.common;
  common.name = stage.name;
  common.from.reset();
  if (!inputs.empty()) common.from = spec::StageInputs{std::move(inputs)};
  common.concurrency.reset();
  if (!stage.is_source()) common.concurrency = spec::ConcurrencyLimit{stage.concurrency};
  Json json = Json::object();
  // The common keys hold resolved values; no text of theirs may stay a reference.
  add_options(json, spec::common_params(), &common, LocatedValue());
  add_options(json, stage.spec->params, stage.params.get(), config.object);
  return json;
}

}  // namespace

std::string show_pipeline(const config::PipelineConfig& config, const Graph& graph) {
  std::unordered_map<std::string_view, StageIndex> by_name;
  for (StageIndex i = 0; i < graph.stages.size(); ++i) by_name.emplace(graph.stages[i].name, i);
  std::vector<std::vector<std::string>> inputs = input_ports(graph);

  config::PipelineOptions options{
      .schema = {}, .name = graph.name, .description = graph.description, .plugins = {}, .limits = config.limits};
  for (const config::PluginConfig& plugin : config.plugins) options.plugins.push_back({plugin.path, plugin.path});
  Json json = Json::object();
  add_options(json, config::pipeline_params(), &options, LocatedValue());
  json.erase("$schema");
  if (config.plugins.empty()) json.erase("plugins");
  Json stages = Json::array();
  for (const config::StageConfig& stage : config.stages) {
    const StageIndex index = by_name.at(stage.common.name);
    stages.push_back(show_stage(stage, graph.stages[index], std::move(inputs[index])));
  }
  json["stages"] = std::move(stages);
  // Values from the environment may be any bytes.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace penstock::graph
