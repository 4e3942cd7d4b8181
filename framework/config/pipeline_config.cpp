// SPDX-License-Identifier: Apache-2.0
#include "framework/config/pipeline_config.h"

#include <memory>

#include "framework/base/json_pointer.h"

namespace penstock::config {
namespace {

constexpr double kMostStages = 10'000;
constexpr double kMostItems = 1e9;

ParamSpec unbound(std::string name, std::string doc, OptionType type) {
  ParamSpec spec;
  spec.name = std::move(name);
  spec.doc = std::move(doc);
  spec.type = std::move(type);
  return spec;
}

std::shared_ptr<const OptionType> json_type(std::string hint) {
  return std::make_shared<const OptionType>(OptionType{.kind = OptionType::Kind::json, .hint = std::move(hint)});
}

}  // namespace

std::vector<ParamSpec> params_of(const LimitsOptions*) {
  return {
      param(&LimitsOptions::items, "items", "The most items in flight.", between(1, kMostItems)),
      param(&LimitsOptions::memory, "memory", "The most bytes that payloads in flight may hold.", at_least(1)),
  };
}

const std::vector<ParamSpec>& pipeline_params() {
  static const std::vector<ParamSpec> kParams = [] {
    std::vector<ParamSpec> params = {
        param(&PipelineOptions::schema, "$schema", "The JSON Schema, for editors."),
        param(&PipelineOptions::name, "name", "What reports call the pipeline; default: the file's name.", at_least(1)),
        param(&PipelineOptions::description, "description", "What the pipeline does, for people."),
        unbound("params",
                "Parameters with their defaults; `${NAME}` in a text stands for one, `--set NAME=VALUE` sets it.",
                {.kind = OptionType::Kind::map, .element = json_type("any JSON value")}),
        param(&PipelineOptions::plugins, "plugins",
              "Shared libraries with further stage types. They are loaded when the file is read."),
        param(&PipelineOptions::limits, "limits", "What may be in flight at once."),
        unbound("stages", "The stages; each reads the one before it unless it says `from`.",
                {.kind = OptionType::Kind::list, .range = between(1, kMostStages), .element = json_type("a stage")}),
    };
    params.back().is_required = true;
    return params;
  }();
  return kParams;
}

spec::DocumentSpec document_spec() {
  return {.document = {pipeline_params(), std::make_shared<const PipelineOptions>()},
          .common = {spec::common_params(), std::make_shared<const spec::CommonOptions>()}};
}

Position StageConfig::position_of(std::string_view key) const {
  const spec::LocatedMember* member = object.find(key);
  return member == nullptr ? object.position : member->value.position;
}

std::string StageConfig::pointer_to(std::string_view key) const {
  return object.find(key) == nullptr || object.is_from_parameter ? pointer : append_pointer(pointer, key);
}

}  // namespace penstock::config
