// SPDX-License-Identifier: Apache-2.0
#include "framework/config/parse_config.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "framework/base/quote.h"
#include "framework/config/expand.h"
#include "framework/config/parameters.h"
#include "framework/spec/place.h"
#include "framework/spec/read_options.h"

namespace penstock::config {
namespace {

using spec::LocatedValue;
using spec::Place;

/// What messages call a stage whose keys are still unchecked.
std::string provisional_name(const LocatedValue& object, std::size_t index) {
  for (const char* key : {"name", "type"}) {
    const spec::LocatedMember* member = object.find(key);
    const auto* text = member == nullptr ? nullptr : member->value.get_if<std::string>();
    if (text != nullptr && spec::is_valid_name(*text)) return *text;
  }
  return "#" + std::to_string(index + 1);
}

/// True when `key` has a value and nothing was reported about it: it was read into `CommonOptions`.
bool has_read_from(const LocatedValue& object, const spec::CommonOptions& common) {
  const spec::LocatedMember* member = object.find("from");
  if (member == nullptr || common.from) return true;
  return member->value.is_from_parameter && member->value.holds<std::nullptr_t>();
}

StageConfig read_stage(LocatedValue& object, const Place& place, std::size_t index, Diagnostics& out) {
  StageConfig stage;
  stage.pointer = place.pointer();
  stage.object = std::move(object);
  stage.common.name = provisional_name(stage.object, index);
  const std::string prefix = spec::stage_prefix(stage.common.name);
  if (!stage.object.holds<LocatedValue::Object>()) {
    if (!stage.object.is_broken()) {
      out.error("option.type", stage.object.position, stage.pointer,
                prefix + "expected an object, got " + describe(stage.object));
    }
    stage.object.value = LocatedValue::Broken();
    stage.is_fine = stage.is_from_fine = false;
    return stage;
  }
  const OptionContext no_context;
  const spec::OptionReader reader{
      .prefix = prefix, .owner = "the stage", .context = no_context, .diagnostics = out, .ignores_unknown_keys = true};
  stage.is_fine = reader.read(stage.object, place, spec::common_params(), &stage.common);
  stage.is_from_fine = has_read_from(stage.object, stage.common);
  return stage;
}

/// False for a name that only stands in for one that is missing or wrong.
bool has_own_name(const StageConfig& stage) {
  if (stage.is_fine) return true;
  const spec::LocatedMember* written = stage.object.find("name");
  const auto* name = written == nullptr ? nullptr : written->value.get_if<std::string>();
  return name != nullptr && *name == stage.common.name;
}

void check_names(std::vector<StageConfig>& stages, Diagnostics& out) {
  std::unordered_map<std::string_view, const StageConfig*> first;
  for (StageConfig& stage : stages) {
    const auto [at, is_new] = first.try_emplace(stage.common.name, &stage);
    if (is_new || !has_own_name(stage)) continue;
    const Position other = at->second->object.position;
    out.error("stage.duplicate_name", stage.position_of("name"), stage.pointer_to("name"),
              spec::stage_prefix(stage.common.name) + "expected a name of its own, got that of the stage at " +
                  std::to_string(other.line) + ":" + std::to_string(other.column),
              "give one of them another `name`");
    stage.is_fine = false;
  }
}

std::vector<StageConfig> read_stages(LocatedValue& root, Diagnostics& out) {
  std::vector<StageConfig> stages;
  auto& members = std::get<LocatedValue::Object>(root.value);
  const Place top;
  for (spec::LocatedMember& member : members) {
    auto* list = member.key == "stages" ? std::get_if<LocatedValue::List>(&member.value.value) : nullptr;
    if (list == nullptr) continue;
    const Place place(top, "stages", root);
    for (std::size_t i = 0; i < list->size(); ++i) {
      stages.push_back(read_stage((*list)[i], Place(place, i, member.value), i, out));
    }
  }
  check_names(stages, out);
  return stages;
}

/// Where an error about `limits.items` belongs: at the number, else at `limits`, else at the file.
void locate_items(const LocatedValue& root, PipelineConfig& config) {
  config.items_position = root.position;
  const spec::LocatedMember* limits = root.find("limits");
  if (limits == nullptr) return;
  config.items_position = limits->value.position;
  config.items_pointer = "/limits";
  const spec::LocatedMember* items = limits->value.find("items");
  if (items == nullptr) return;
  config.items_position = items->value.position;
  if (!limits->value.is_from_parameter) config.items_pointer = "/limits/items";
}

std::vector<PluginConfig> locate_plugins(const LocatedValue& root, const std::vector<FilePath>& paths) {
  std::vector<PluginConfig> plugins;
  const spec::LocatedMember* member = root.find("plugins");
  const auto* list = member == nullptr ? nullptr : member->value.get_if<LocatedValue::List>();
  for (const FilePath& path : paths) {
    PluginConfig& plugin = plugins.emplace_back();
    plugin.path = path.text;
    plugin.position = list == nullptr ? root.position : (*list)[plugins.size() - 1].position;
    plugin.pointer = "/plugins/" + std::to_string(plugins.size() - 1);
  }
  return plugins;
}

}  // namespace

std::optional<PipelineConfig> parse_config(std::string_view text, const std::map<std::string, std::string>& parameters,
                                           Diagnostics& out) {
  std::optional<LocatedValue> root = spec::read_json(text, out);
  if (!root) return std::nullopt;
  if (!root->holds<LocatedValue::Object>()) {
    if (!root->is_broken()) {
      out.error("option.type", root->position, "", "expected an object with the key `stages`, got " + describe(*root));
    }
    return std::nullopt;
  }
  std::vector<Parameter> declared = read_parameters(*root, parameters, out);
  expand_references(*root, declared, out);
  if (!out.has_errors()) report_unused(declared, out);

  PipelineOptions options;
  const OptionContext no_context;
  const spec::OptionReader reader{.prefix = "", .owner = "the pipeline", .context = no_context, .diagnostics = out};
  reader.read(*root, Place(), pipeline_params(), &options);

  PipelineConfig config;
  config.name = std::move(options.name);
  config.description = std::move(options.description);
  config.plugins = locate_plugins(*root, options.plugins);
  config.limits = options.limits;
  locate_items(*root, config);
  config.stages = read_stages(*root, out);
  return config;
}

}  // namespace penstock::config
