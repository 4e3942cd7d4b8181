// The edges of a pipeline, seen from the stages that they lead to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "framework/graph/graph.h"

namespace penstock::cli {

struct Edge {
  graph::StageIndex from = 0;
  std::string port;  ///< Empty for the one output of a stage that is no route; "failed"; a port of a route.
};

/// The edges into each stage, in the order of the stages that they come from.
std::vector<std::vector<Edge>> edges_into_stages(const graph::Graph& graph);

}  // namespace penstock::cli
