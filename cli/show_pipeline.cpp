// SPDX-License-Identifier: Apache-2.0
#include "cli/show_pipeline.h"

#include <nlohmann/json.hpp>

#include "framework/config/expand.h"
#include "framework/spec/option_json.h"

namespace penstock::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The values are read already: what looks like a reference in them is meant as text.
Json without_references(Json value) {
  if (value.is_string()) return config::escape_references(value.get<std::string>());
  if (value.is_structured()) {
    for (Json& element : value) element = without_references(std::move(element));
  }
  return value;
}

bool may_retry(StageKind kind) {
  switch (kind) {
    case StageKind::transform:
    case StageKind::serial_transform:
    case StageKind::async_transform:
    case StageKind::blocking_transform:
    case StageKind::route:
      return true;
    default:
      return false;
  }
}

template <class E>
std::string enum_text(E value) {
  return OptionCodec<E>::to(value).template get<std::string>();
}

Json from_of(const graph::Graph& graph, const std::vector<Edge>& edges) {
  Json from = Json::array();
  for (const Edge& edge : edges) {
    from.push_back(graph.stages[edge.from].name + (edge.port.empty() ? "" : "." + edge.port));
  }
  return from.size() == 1 ? Json(from.front()) : from;
}

Json show_stage(const graph::Graph& graph, const graph::GraphStage& stage, const std::vector<Edge>& edges) {
  Json json = {{"name", stage.name}, {"type", stage.spec->type}};
  if (!edges.empty()) json["from"] = from_of(graph, edges);
  for (const ParamSpec& param : stage.spec->params) {
    const OptionValue value = param.get(stage.params.get());
    if (!value.is_absent()) json[param.name] = spec::shown_json(param, value);
  }
  if (stage.is_source()) return json;
  if (stage.concurrency == graph::kUnlimited) {
    json["concurrency"] = "unlimited";
  } else if (stage.concurrency == 1) {
    json["concurrency"] = "serial";
  } else {
    json["concurrency"] = stage.concurrency;
  }
  if (stage.queue) json["queue"] = *stage.queue;
  json["ordered"] = stage.is_ordered;
  if (may_retry(stage.kind())) {
    json["retry"] = {{"attempts", stage.retry.attempts},
                     {"backoff", to_string(stage.retry.backoff)},
                     {"max_backoff", to_string(stage.retry.max_backoff)}};
  }
  if (stage.timeout) json["timeout"] = to_string(*stage.timeout);
  json["on_failure"] = enum_text(stage.on_failure);
  json["fuse"] = stage.may_fuse;
  return json;
}

}  // namespace

std::vector<std::vector<Edge>> edges_into_stages(const graph::Graph& graph) {
  std::vector<std::vector<Edge>> edges(graph.stages.size());
  for (graph::StageIndex from = 0; from < graph.stages.size(); ++from) {
    const graph::GraphStage& stage = graph.stages[from];
    const bool is_route = stage.kind() == StageKind::route;
    for (const graph::OutputPort& port : stage.outputs) {
      for (const graph::StageIndex reader : port.readers) edges[reader].push_back({from, is_route ? port.name : ""});
    }
    for (const graph::StageIndex reader : stage.failed_readers) edges[reader].push_back({from, "failed"});
  }
  return edges;
}

Json show_pipeline(const graph::Graph& graph) {
  Json json = {{"name", graph.name}};
  if (!graph.description.empty()) json["description"] = graph.description;
  json["limits"] = {{"items", graph.limits.items}, {"memory", to_string(ByteSize{graph.limits.memory})}};
  json["stages"] = Json::array();
  const std::vector<std::vector<Edge>> edges = edges_into_stages(graph);
  for (graph::StageIndex i = 0; i < graph.stages.size(); ++i) {
    json["stages"].push_back(show_stage(graph, graph.stages[i], edges[i]));
  }
  return without_references(std::move(json));
}

}  // namespace penstock::cli
