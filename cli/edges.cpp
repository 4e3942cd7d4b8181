// SPDX-License-Identifier: Apache-2.0
#include "cli/edges.h"

namespace penstock::cli {

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

}  // namespace penstock::cli
