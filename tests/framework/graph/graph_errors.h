// What is wrong with a pipeline text, as one string, for tests that compare whole messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "framework/config/parse_config.h"
#include "framework/graph/build_graph.h"
#include "framework/graph/show_pipeline.h"
#include "penstock/registry.h"

namespace penstock::graph {

struct Checked {
  std::optional<config::PipelineConfig> config;
  std::optional<Graph> graph;
  std::vector<Diagnostic> found;

  /// Every finding, each ended by a newline.
  std::string text() const {
    std::string all;
    for (const Diagnostic& diagnostic : found) all += to_string(diagnostic) + "\n";
    return all;
  }
};

inline Checked check(const std::string& text, const Registry& registry, const BuildOptions& options = {},
                     const std::map<std::string, std::string>& parameters = {}) {
  Diagnostics out("f");
  Checked checked;
  checked.config = config::parse_config(text, parameters, out);
  if (checked.config) checked.graph = build_graph(*checked.config, registry, options, out);
  checked.found = out.sorted();
  return checked;
}

/// A pipeline whose stages are `stages`, one on each line from the second on.
inline std::string with_stages(const std::string& stages, const std::string& more = "") {
  return "{" + more + "\"stages\": [\n" + stages + "\n]}";
}

}  // namespace penstock::graph
