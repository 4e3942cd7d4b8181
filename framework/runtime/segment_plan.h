// Which stages work as one node of the running graph.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "framework/graph/graph.h"

namespace penstock::runtime {

/// Neighbouring stages that one node runs, first to last.
struct PlannedSegment {
  std::vector<graph::StageIndex> stages;
};

/// Every stage in exactly one segment; segments in topological order. Only compute stages of unlimited concurrency that
/// have nothing between them are fused.
std::vector<PlannedSegment> plan_segments(const graph::Graph& graph);

}  // namespace penstock::runtime
