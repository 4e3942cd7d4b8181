// A checked pipeline as a document again, with every default written out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "framework/graph/graph.h"

namespace penstock::cli {

/// A document that `check` accepts and that means the same, but for secrets, which are shown as ***.
nlohmann::ordered_json show_pipeline(const graph::Graph& graph);

/// An edge into a stage.
struct Edge {
  graph::StageIndex from = 0;
  std::string port;  ///< Empty for the one output of a stage that is no route; "failed"; a port of a route.
};

/// The edges into each stage, in the order of the stages that they come from.
std::vector<std::vector<Edge>> edges_into_stages(const graph::Graph& graph);

}  // namespace penstock::cli
