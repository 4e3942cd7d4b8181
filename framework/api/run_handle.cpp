// SPDX-License-Identifier: Apache-2.0
#include "framework/api/run_handle.h"

#include <algorithm>
#include <stdexcept>

#include "framework/api/host_stages.h"
#include "framework/base/quote.h"
#include "framework/runtime/tbb_executor.h"

namespace penstock::api {
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

template <class Queue>
std::string names_of(const std::vector<std::pair<std::string, std::shared_ptr<Queue>>>& queues) {
  std::vector<std::string> names;
  for (const auto& entry : queues) names.push_back(entry.first);
  return names.empty() ? "none" : join_names(names);
}

template <class Queue>
const std::shared_ptr<Queue>& find(const std::vector<std::pair<std::string, std::shared_ptr<Queue>>>& queues,
                                   std::string_view stage, const char* kind, const std::string& pipeline) {
  if (stage.empty() && queues.size() == 1) return queues.front().second;
  const auto at = std::find_if(queues.begin(), queues.end(), [&](const auto& entry) { return entry.first == stage; });
  if (at != queues.end()) return at->second;
  const std::string wanted = stage.empty() ? "exactly one " : quote(stage) + " to be an ";
  throw std::invalid_argument("pipeline " + quote(pipeline) + ": expected " + wanted + kind +
                              ", got: " + names_of(queues));
}

}  // namespace

RunHandle::RunHandle(const graph::Graph& graph, RunOptions options)
    : pipeline_(graph.name),
      on_progress_(std::exchange(options.on_progress, nullptr)),
      progress_interval_(options.progress_interval),
      on_end_(std::exchange(options.on_end, nullptr)),
      stop_token_(options.stop_token) {
  const auto own = std::make_shared<graph::Graph>(graph);
  connect(*own, options);
  options.on_end = [this] { end(); };
  auto executor = runtime::make_tbb_executor(options.workers, blocking_threads(*own));
  state_ = std::make_unique<runtime::RunState>(own, std::move(options), std::move(executor));
}

RunHandle::~RunHandle() {
  on_stop_.reset();
  state_->cancel();
  state_->wait();
}

void RunHandle::connect(graph::Graph& graph, RunOptions& options) {
  for (graph::GraphStage& stage : graph.stages) {
    if (stage.spec->host_end == HostEnd::input) inputs_.emplace_back(stage.name, connect_input(stage));
    if (stage.spec->host_end != HostEnd::output) continue;
    if (auto callback = options.on_output.extract(stage.name)) {
      connect_output(stage, std::move(callback.mapped()));
    } else {
      outputs_.emplace_back(stage.name, connect_output(stage, nullptr));
    }
  }
  if (options.on_output.empty()) return;
  throw std::invalid_argument("pipeline " + quote(pipeline_) + ": on_output names " +
                              quote(options.on_output.begin()->first) + ", which is no stage of the type `output`");
}

void RunHandle::start() {
  state_->start();
  if (on_progress_) {
    state_->loop().post(
        [this] { state_->loop().call_at(time_after(state_->loop().now(), progress_interval_), [this] { tick(); }); });
  }
  on_stop_.emplace(stop_token_, [this] { state_->drain(); });
}

void RunHandle::tick() {
  if (state_->is_over()) return;
  try {
    on_progress_(state_->progress());
  } catch (...) {
    state_->abort({"", "run.on_progress", "the callback for progress threw an exception"});
  }
  state_->loop().call_at(time_after(state_->loop().now(), progress_interval_), [this] { tick(); });
}

void RunHandle::end() {
  for (const auto& entry : inputs_) entry.second->refuse_all();
  for (const auto& entry : outputs_) entry.second->end();
  if (on_end_) on_end_();
}

const std::shared_ptr<InputQueue>& RunHandle::input(std::string_view stage) const {
  return find(inputs_, stage, "`input` stage", pipeline_);
}

const std::shared_ptr<OutputQueue>& RunHandle::output(std::string_view stage) const {
  return find(outputs_, stage, "`output` stage without callback", pipeline_);
}

}  // namespace penstock::api
