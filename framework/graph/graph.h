// A checked pipeline as plain data: what build_graph() makes of a configuration and what the runtime makes nodes of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/config/pipeline_config.h"
#include "framework/spec/common_options.h"
#include "penstock/diagnostic.h"
#include "penstock/stage_spec.h"
#include "penstock/units.h"

namespace penstock::graph {

using spec::OnFailure;
using spec::RetryOptions;

/// Concurrency without a limit.
inline constexpr unsigned kUnlimited = 0;

/// Index into Graph::stages.
using StageIndex = std::size_t;

/// An output port and the stages that read it. The `failed` port is kept apart.
struct OutputPort {
  std::string name;
  const PayloadType* type = nullptr;  ///< Resolved; null when even `check` cannot know it.
  std::vector<StageIndex> readers;    ///< In the order of the file; empty: items are done here.
};

struct GraphStage {
  std::string name;
  std::shared_ptr<const StageSpec> spec;
  std::shared_ptr<void> params;       ///< The options struct, filled in; spec->make_body(params) makes the body.
  unsigned concurrency = kUnlimited;  ///< Resolved from the file, the declaration and the kind.
  std::optional<unsigned> queue;
  bool is_ordered = false;
  RetryOptions retry;
  std::optional<Duration> timeout;  ///< Of one attempt.
  OnFailure on_failure = OnFailure::report;
  bool may_fuse = true;
  std::size_t max_members = 1;             ///< collect: the most items it holds.
  std::vector<OutputPort> outputs;         ///< None for sinks; one per port of a route.
  std::vector<StageIndex> failed_readers;  ///< Stages that read the `failed` port.
  std::vector<StageIndex> upstream;        ///< Every stage that may send here, each once.

  StageKind kind() const { return spec->kind; }
  bool is_source() const { return kind() == StageKind::source || kind() == StageKind::async_source; }
};

struct Limits {
  std::uint64_t items = config::LimitsOptions{}.items;
  std::uint64_t memory = config::LimitsOptions{}.memory.bytes;
};

/// Invariants: (1) stages are in topological order, sources before everything that they feed. (2) Every input is fed
/// and every source read. (3) The types of every edge agree. (4) Collectors fit Limits::items (semantics of batches).
struct Graph {
  std::string name;
  std::string description;
  Limits limits;
  std::vector<GraphStage> stages;
  std::vector<Diagnostic> warnings;
};

}  // namespace penstock::graph
