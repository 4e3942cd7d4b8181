// What a Run holds: the run itself, the queues of its host, and what observes and stops it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/api/input_queue.h"
#include "framework/api/output_queue.h"
#include "framework/graph/graph.h"
#include "framework/runtime/run_state.h"
#include "penstock/run.h"

namespace penstock::api {

/// Life: constructed (queues connected) → start() → … → destroyed (cancels and waits). Never moved: threads of the run
/// refer to it. Thread safety: as Run.
class RunHandle {
 public:
  /// Throws std::invalid_argument when `options` name an output that is not there.
  RunHandle(const graph::Graph& graph, RunOptions options);
  RunHandle(const RunHandle&) = delete;
  RunHandle& operator=(const RunHandle&) = delete;
  ~RunHandle();

  void start();
  runtime::RunState& state() const { return *state_; }

  /// Throw std::invalid_argument; an empty name asks for the only one.
  const std::shared_ptr<InputQueue>& input(std::string_view stage) const;
  const std::shared_ptr<OutputQueue>& output(std::string_view stage) const;

 private:
  template <class Queue>
  using Named = std::vector<std::pair<std::string, std::shared_ptr<Queue>>>;

  void connect(graph::Graph& graph, RunOptions& options);
  void tick();
  void end();

  std::string pipeline_;
  Named<InputQueue> inputs_;
  Named<OutputQueue> outputs_;
  std::function<void(const Progress&)> on_progress_;
  Duration progress_interval_;
  std::function<void()> on_end_;
  std::stop_token stop_token_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::unique_ptr<runtime::RunState> state_;  // Last, so that it ends first: its threads use the rest, and itself.
};

}  // namespace penstock::api
