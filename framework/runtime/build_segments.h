// From the checked graph to connected segments.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "framework/graph/graph.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Makes the segments, connects them, and attaches their nodes to the run's executor, back to front. In topological
/// order. `stages` is indexed as the graph's stages and outlives the segments.
std::vector<std::unique_ptr<Segment>> build_segments(RunState& run, const graph::Graph& graph,
                                                     const std::vector<std::unique_ptr<StageRun>>& stages);

}  // namespace penstock::runtime
