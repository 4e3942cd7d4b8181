// SPDX-License-Identifier: Apache-2.0
#include "framework/graph/build_graph.h"

#include <algorithm>
#include <utility>

#include "framework/graph/draft.h"

namespace penstock::graph {
namespace {

/// A stage of the graph out of a draft without errors. `place_of` maps indices of the file to those of the graph.
GraphStage finish_stage(DraftStage& draft, const std::vector<StageIndex>& place_of, std::uint64_t items) {
  const spec::CommonOptions& common = draft.config->common;
  GraphStage stage;
  stage.name = common.name;
  stage.spec = draft.spec;
  stage.params = std::move(draft.params);
  stage.concurrency = resolve_concurrency(draft, items);
  stage.queue = common.queue;
  stage.is_ordered = common.ordered;
  stage.retry = common.retry;
  if (!draft.is_isolated) stage.timeout = common.timeout;  // Else it belongs to the workers.
  stage.on_failure = common.on_failure;
  stage.may_fuse = common.fuse;
  stage.max_members = draft.max_members;
  stage.outputs = std::move(draft.outputs);
  stage.failed_readers = std::move(draft.failed_readers);
  const auto place = [&](StageIndex& index) { index = place_of[index]; };
  for (OutputPort& port : stage.outputs) std::for_each(port.readers.begin(), port.readers.end(), place);
  std::for_each(stage.failed_readers.begin(), stage.failed_readers.end(), place);
  for (const Edge& edge : draft.inputs) stage.upstream.push_back(place_of[edge.from]);
  std::sort(stage.upstream.begin(), stage.upstream.end());
  stage.upstream.erase(std::unique(stage.upstream.begin(), stage.upstream.end()), stage.upstream.end());
  return stage;
}

Graph finish(Draft& draft) {
  Graph graph{.name = draft.config.name,
              .description = draft.config.description,
              .limits = {.items = draft.config.limits.items, .memory = draft.config.limits.memory.bytes}};
  std::vector<StageIndex> place_of(draft.stages.size());
  for (StageIndex i = 0; i < draft.order.size(); ++i) place_of[draft.order[i]] = i;
  for (const StageIndex index : draft.order) {
    graph.stages.push_back(finish_stage(draft.stages[index], place_of, graph.limits.items));
  }
  graph.warnings = draft.out.sorted();
  return graph;
}

}  // namespace

std::optional<Graph> build_graph(const config::PipelineConfig& config, const Registry& registry,
                                 const BuildOptions& options, Diagnostics& out) {
  Draft draft{.config = config, .options = options, .out = out, .stages = {}, .order = {}};
  resolve_stages(draft, registry);
  isolate_stages(draft);
  resolve_edges(draft);
  check_kinds(draft);
  if (order_stages(draft)) {
    resolve_types(draft, registry);
    check_attributes(draft);
    check_limits(draft);
  }
  if (out.has_errors()) return std::nullopt;
  return finish(draft);
}

}  // namespace penstock::graph
