// Run, and how a pipeline is started.
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "framework/graph/graph.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/tbb_executor.h"
#include "penstock/pipeline.h"

namespace penstock {
namespace {

/// Threads that may block at once: what the stages ask for, and some for the file operations of the others.
std::size_t blocking_threads(const graph::Graph& graph) {
  std::size_t threads = 8;
  for (const graph::GraphStage& stage : graph.stages) {
    if (stage.kind() == StageKind::blocking_transform) threads += stage.concurrency;
    if (stage.kind() == StageKind::source) threads += 1;
  }
  return threads;
}

}  // namespace

const char* to_string(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::completed:
      return "completed";
    case RunOutcome::drained:
      return "drained";
    case RunOutcome::cancelled:
      return "cancelled";
    case RunOutcome::aborted:
      break;
  }
  return "aborted";
}

Run::Run(std::shared_ptr<runtime::RunState> state) : state_(std::move(state)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}
Run::~Run() {
  if (!state_) return;
  state_->cancel();
  state_->wait();
}

const RunReport& Run::wait() { return state_->wait(); }
void Run::drain() { state_->drain(); }
void Run::cancel() { state_->cancel(); }
Progress Run::progress() const { return state_->progress(); }

Run Pipeline::start(RunOptions options) const {
  auto executor = runtime::make_tbb_executor(options.workers, blocking_threads(*graph_));
  auto state = std::make_shared<runtime::RunState>(graph_, std::move(options), std::move(executor));
  state->start();
  return Run(std::move(state));
}

}  // namespace penstock
