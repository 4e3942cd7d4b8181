// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/segment_plan.h"

#include <cstddef>
#include <optional>

namespace penstock::runtime {
namespace {

using graph::GraphStage;
using graph::StageIndex;

/// Nothing stands between arrival and the body.
bool is_free(const GraphStage& stage) {
  const bool computes = stage.kind() == StageKind::transform || stage.kind() == StageKind::route;
  return computes && stage.may_fuse && stage.concurrency == graph::kUnlimited && !stage.queue && !stage.is_ordered &&
         stage.retry.attempts <= 1 && !stage.spec->has_memory_need;
}

/// The stage that alone reads everything of this one, and reads nothing else.
std::optional<StageIndex> only_reader(const graph::Graph& graph, const GraphStage& stage) {
  if (stage.outputs.size() != 1 || stage.outputs[0].readers.size() != 1 || !stage.failed_readers.empty()) return {};
  const StageIndex reader = stage.outputs[0].readers[0];
  if (graph.stages[reader].upstream.size() != 1) return {};
  return reader;
}

}  // namespace

std::vector<PlannedSegment> plan_segments(const graph::Graph& graph) {
  std::vector<PlannedSegment> plan;
  std::vector<bool> is_planned(graph.stages.size(), false);
  for (StageIndex i = 0; i < graph.stages.size(); ++i) {
    if (is_planned[i]) continue;
    PlannedSegment segment{{i}};
    is_planned[i] = true;
    while (is_free(graph.stages[segment.stages.back()])) {
      // What a stage emits at its end passes through nothing else in its segment.
      if (graph.stages[segment.stages.back()].spec->has_finish) break;
      const auto reader = only_reader(graph, graph.stages[segment.stages.back()]);
      if (!reader || !is_free(graph.stages[*reader])) break;
      segment.stages.push_back(*reader);
      is_planned[*reader] = true;
    }
    plan.push_back(std::move(segment));
  }
  return plan;
}

}  // namespace penstock::runtime
