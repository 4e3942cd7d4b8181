// Writes the document that a file would hold, and loads it like one.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/pipeline_builder.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "framework/api/load_pipeline.h"
#include "framework/config/expand.h"
#include "framework/spec/option_json.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;

/// As a file writes it: a `${` in a text is no reference.
Json json_of(const OptionValue& value) {
  Json json = spec::to_json(value);
  const auto escape = [](Json& element, const auto& self) -> void {
    if (element.is_string()) element = config::escape_references(element.get_ref<const std::string&>());
    if (!element.is_structured()) return;
    for (Json& part : element) self(part, self);
  };
  escape(json, escape);
  return json;
}

}  // namespace

struct PipelineBuilder::Document {
  Json json = Json::object();
  Json stages = Json::array();
  std::string base;

  Json& last() {
    if (stages.empty()) throw std::logic_error("PipelineBuilder: this key needs a stage before it");
    return stages.back();
  }
  Json whole() const {
    Json whole = json;
    whole["stages"] = stages;
    return whole;
  }
};

PipelineBuilder::PipelineBuilder(Registry registry, std::string name)
    : registry_(std::move(registry)), document_(std::make_unique<Document>()) {
  document_->json["name"] = json_of(std::move(name));
}
PipelineBuilder::PipelineBuilder(PipelineBuilder&&) noexcept = default;
PipelineBuilder& PipelineBuilder::operator=(PipelineBuilder&&) noexcept = default;
PipelineBuilder::~PipelineBuilder() = default;

PipelineBuilder& PipelineBuilder::description(std::string text) {
  document_->json["description"] = json_of(std::move(text));
  return *this;
}

PipelineBuilder& PipelineBuilder::limit_items(std::uint64_t items) {
  document_->json["limits"]["items"] = items;
  return *this;
}

PipelineBuilder& PipelineBuilder::limit_memory(ByteSize memory) {
  document_->json["limits"]["memory"] = json_of(memory);
  return *this;
}

PipelineBuilder& PipelineBuilder::base(std::string folder) {
  document_->base = std::move(folder);
  return *this;
}

PipelineBuilder& PipelineBuilder::stage(std::string type, std::string name, OptionMap options) {
  Json stage = Json::object();
  if (!name.empty()) stage["name"] = json_of(std::move(name));
  stage["type"] = json_of(std::move(type));
  for (const auto& [key, value] : options) stage[key] = json_of(value);
  document_->stages.push_back(std::move(stage));
  return *this;
}

PipelineBuilder& PipelineBuilder::read(std::vector<std::string> outputs) {
  if (outputs.size() == 1) return option("from", std::move(outputs.front()));
  return option("from", OptionList(outputs.begin(), outputs.end()));
}

PipelineBuilder& PipelineBuilder::concurrency(unsigned items) {
  return option("concurrency", static_cast<std::int64_t>(items));
}

PipelineBuilder& PipelineBuilder::queue(unsigned items) { return option("queue", static_cast<std::int64_t>(items)); }

PipelineBuilder& PipelineBuilder::ordered() { return option("ordered", true); }

PipelineBuilder& PipelineBuilder::retry(unsigned attempts) {
  return option("retry", OptionMap{{"attempts", static_cast<std::int64_t>(attempts)}});
}

PipelineBuilder& PipelineBuilder::timeout(Duration duration) { return option("timeout", duration); }

PipelineBuilder& PipelineBuilder::on_failure(std::string action) { return option("on_failure", std::move(action)); }

PipelineBuilder& PipelineBuilder::option(std::string name, OptionValue value) {
  document_->last()[name] = json_of(value);
  return *this;
}

std::string PipelineBuilder::json() const {
  return document_->whole().dump(2, ' ', false, Json::error_handler_t::replace);
}

Pipeline PipelineBuilder::build() const {
  return Pipeline(std::make_shared<const graph::Graph>(
      api::load_json(document_->whole(), "<builder>", registry_, {.base = document_->base}).graph));
}

}  // namespace penstock
