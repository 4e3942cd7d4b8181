// A graph while it is being checked, and the checks, in the order in which build_graph() runs them. A check passes in
// silence over what an earlier one has reported, so that one mistake gives one error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/config/pipeline_config.h"
#include "framework/graph/build_graph.h"
#include "framework/graph/graph.h"
#include "penstock/registry.h"

namespace penstock::graph {

/// Index of DraftStage::failed among output ports.
inline constexpr std::size_t kFailedPort = static_cast<std::size_t>(-1);

/// An input edge of a stage.
struct Edge {
  StageIndex from = 0;
  std::size_t port = 0;  ///< Index into the outputs of `from`, or kFailedPort.
  Position position = {};
  std::string pointer;
};

struct DraftStage {
  const config::StageConfig* config = nullptr;
  std::shared_ptr<const StageSpec> spec;  ///< Null: unknown type.
  std::shared_ptr<void> params;           ///< Null: something was wrong with the options.
  std::size_t max_members = 1;
  bool is_isolated = false;
  bool knows_ports = false;  ///< `outputs` is complete.
  bool knows_inputs = true;  ///< `inputs` is complete.
  std::vector<OutputPort> outputs;
  std::vector<StageIndex> failed_readers;
  std::vector<Edge> inputs;

  const std::string& name() const { return config->common.name; }
  bool is_source() const {
    return spec != nullptr && (spec->kind == StageKind::source || spec->kind == StageKind::async_source);
  }
};

struct Draft {
  const config::PipelineConfig& config;
  const BuildOptions& options;
  Diagnostics& out;
  std::vector<DraftStage> stages;  ///< In the order of the file.
  std::vector<StageIndex> order;   ///< Topological; complete unless there is a cycle.

  /// An error at `key` of a stage, or at the stage when it does not have that key.
  void error(const DraftStage& stage, DiagnosticCode code, std::string_view key, const std::string& message,
             std::string help = {});
  /// The same for what does not prevent a run.
  void warning(const DraftStage& stage, DiagnosticCode code, std::string_view key, const std::string& message,
               std::string help = {});

 private:
  void add(Severity severity, const DraftStage& stage, DiagnosticCode code, std::string_view key,
           const std::string& message, std::string help);
};

/// Looks the types up, reads the options, makes each body once to learn its ports and sizes.
void resolve_stages(Draft& draft, const Registry& registry);
/// Puts isolating stage types in place of those that are to be isolated.
void isolate_stages(Draft& draft);
/// Finds the ports that each stage reads; reports unfed inputs and unread sources.
void resolve_edges(Draft& draft);
/// Fills Draft::order; reports each cycle. False when there is one.
bool order_stages(Draft& draft);
/// Which keys fit which kind of stage, and which do nothing there.
void check_kinds(Draft& draft);
/// Payload types of all edges; options may name those that the registry knows. REQUIRES: the order is complete.
void resolve_types(Draft& draft, const Registry& registry);
/// Attributes that options read and nobody sets. REQUIRES: the order is complete.
void check_attributes(Draft& draft);
/// Collectors against `limits.items`, descriptors against the limit of the process. REQUIRES: the order is complete.
void check_limits(Draft& draft);

/// The concurrency that a stage has in the end.
unsigned resolve_concurrency(const DraftStage& stage, std::uint64_t items);

}  // namespace penstock::graph
