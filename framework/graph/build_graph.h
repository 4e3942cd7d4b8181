// PipelineConfig + Registry → Graph: every name looked up, every option read, ports and types joined, limits proven.
// Pure: no threads, no I/O.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/config/pipeline_config.h"
#include "framework/graph/graph.h"
#include "penstock/registry.h"

namespace penstock::graph {

/// A stage that is to be isolated.
struct IsolatedStage {
  const std::shared_ptr<const StageSpec>& spec;
  const spec::CommonOptions& common;
  std::vector<std::string> options;  ///< Names of those of the type that were given.
  const std::string& base;
};

struct BuildOptions {
  std::string base;                    ///< The folder that relative paths count from.
  std::uint64_t descriptor_limit = 0;  ///< The hard limit on open files of this process; 0: none.
  /// The stage type that runs bodies of another one in worker processes. Null: there is no worker program.
  std::function<std::shared_ptr<const StageSpec>(const IsolatedStage&)> isolate = {};
};

/// Reports everything that is wrong to `out` and returns nothing when there was an error, now or before.
/// Findings that do not prevent a run are in Graph::warnings.
std::optional<Graph> build_graph(const config::PipelineConfig& config, const Registry& registry,
                                 const BuildOptions& options, Diagnostics& out);

}  // namespace penstock::graph
