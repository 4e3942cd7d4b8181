// The graph that passed the check is copied, and its stages get declarations that make other bodies.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/pipeline_runner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/graph/graph.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/step_executor.h"
#include "framework/testing/collection.h"
#include "framework/testing/fed_source.h"
#include "framework/testing/function_body.h"
#include "framework/testing/observed_body.h"
#include "framework/testing/stage_plan.h"

namespace penstock::testing {
namespace {

using graph::Graph;
using graph::GraphStage;
using graph::StageIndex;

bool is_sink(const GraphStage& stage) { return !stage.spec->output && stage.kind() != StageKind::route; }

std::string stage_prefix(const GraphStage& stage) { return "stage " + quote(stage.name) + ": "; }

[[noreturn]] void refuse(const GraphStage& stage, const std::string& why) {
  throw std::invalid_argument(stage_prefix(stage) + why);
}

[[noreturn]] void refuse_name(std::string_view name, const std::vector<std::string>& names, const std::string& what) {
  const std::string help = suggest(name, names);
  throw std::invalid_argument("there is no " + what + " " + quote(name) + "; there are: " + join_names(names) +
                              (help.empty() ? "" : "; " + help));
}

/// The types that may arrive at a stage, as far as the graph knows them, each with the stage that sends it.
std::vector<std::pair<const PayloadType*, std::string>> arriving(const Graph& graph, StageIndex index) {
  std::vector<std::pair<const PayloadType*, std::string>> types;
  for (const StageIndex from : graph.stages[index].upstream) {
    for (const graph::OutputPort& port : graph.stages[from].outputs) {
      const bool is_read = std::find(port.readers.begin(), port.readers.end(), index) != port.readers.end();
      if (is_read && port.type != nullptr) types.emplace_back(port.type, graph.stages[from].name);
    }
  }
  return types;
}

/// What leaves a stage that has one output port; null: any, or nothing.
const PayloadType* output_type(const GraphStage& stage) {
  return stage.outputs.size() == 1 && stage.kind() != StageKind::route ? stage.outputs.front().type : nullptr;
}

std::vector<std::string> port_names(const GraphStage& stage) {
  std::vector<std::string> names;
  for (const graph::OutputPort& port : stage.outputs) names.push_back(port.name);
  return names;
}

const char* shape_for(StageKind kind) {
  switch (kind) {
    case StageKind::expand:
      return "one that returns a Generator";
    case StageKind::collect:
      return "one of a std::vector<Payload>";
    case StageKind::route:
      return "one that returns the name of a port as std::string";
    case StageKind::async_transform:
      return "one that returns a payload or a Task";
    default:
      return "one that returns a payload, and is no coroutine";
  }
}

bool declares(const StageSpec& spec, std::string_view code) {
  if (spec.errors.empty()) return true;
  return std::any_of(spec.errors.begin(), spec.errors.end(), [&](const ErrorCode& declared) {
    if (declared.code.ends_with('*')) return code.starts_with(declared.code.substr(0, declared.code.size() - 1));
    return code == declared.code;
  });
}

void check_items(const GraphStage& stage, const std::vector<SourceItem>& items) {
  const PayloadType* type = output_type(stage);
  if (type == nullptr) return;
  for (const SourceItem& item : items) {
    if (item.payload.type().is_a(*type)) continue;
    refuse(stage, "it emits payloads of type " + quote_name(type->name) + ", the item " + quote(item.key) +
                      " to feed has one of type " + quote_name(item.payload.type().name));
  }
}

std::string places_of(const Progress& progress) {
  std::string text;
  const auto add = [&](const StageReport& stage, std::uint64_t count, const char* where) {
    if (count == 0) return;
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + where + " stage " + quote(stage.name);
  };
  for (const StageReport& stage : progress.stages) {
    add(stage, stage.in_flight, "in");
    add(stage, stage.waiting, "before");
  }
  return text.empty() ? "no stage holds an item; a source does not end" : text;
}

enum class Ending { drain, cancel };

}  // namespace

class PipelineRunner::Plan {
 public:
  explicit Plan(std::size_t stages) : stages_(stages) {}

  StagePlan& operator[](StageIndex index) { return stages_[index]; }
  const StagePlan& operator[](StageIndex index) const { return stages_[index]; }
  std::vector<std::pair<Ending, Duration>> endings;

  /// The graph with the bodies of the test. What they collect goes to `collection`.
  std::shared_ptr<const Graph> apply(const Graph& graph, const std::shared_ptr<Collection>& collection) const {
    auto changed = std::make_shared<Graph>(graph);
    for (StageIndex i = 0; i < stages_.size(); ++i) change(changed->stages[i], stages_[i], collection);
    return changed;
  }

 private:
  static void change(GraphStage& stage, const StagePlan& plan, const std::shared_ptr<Collection>& collection) {
    const bool is_collected = plan.is_collected || is_sink(stage);
    const bool is_replaced = plan.feed || plan.function || (is_sink(stage) && !plan.is_kept);
    if (!is_replaced && !is_collected && plan.faults.empty()) return;
    if (is_collected) collection->expect(stage.name);
    auto spec = std::make_shared<StageSpec>(*stage.spec);
    if (plan.feed) {
      spec->only_computes = true;
      std::vector<SourceItem> items = plan.feed();
      check_items(stage, items);
      auto shared = std::make_shared<std::vector<SourceItem>>(std::move(items));
      spec->make_body = [kind = spec->kind, shared](const std::shared_ptr<void>&) {
        return make_fed_source(kind, std::move(*shared));
      };
    } else if (is_replaced) {
      StageFunction function = plan.function ? *plan.function : StageFunction([](const Payload&) {});
      BodyPromise promise{.stage = stage.name,
                          .kind = stage.kind(),
                          .output = output_type(stage),
                          .ports = port_names(stage),
                          .max_members = stage.max_members};
      spec->make_body = [function, promise](const std::shared_ptr<void>&) {
        return make_function_body(function, promise);
      };
    }
    Observation observation{.stage = stage.name,
                            .faults = plan.faults,
                            .collection = is_collected ? collection : nullptr,
                            .is_sink = is_sink(stage)};
    if (is_collected || !plan.faults.empty()) {
      spec->make_body = [make = spec->make_body, observation](const std::shared_ptr<void>& params) {
        return observe(make(params), observation);
      };
    }
    stage.spec = std::move(spec);
  }

  std::vector<StagePlan> stages_;
};

PipelineRunner PipelineRunner::from_file(const std::string& path, const Registry& registry,
                                         const LoadOptions& options) {
  return PipelineRunner(Pipeline::from_file(path, registry, options));
}

PipelineRunner PipelineRunner::from_string(std::string text, const Registry& registry, const LoadOptions& options) {
  return PipelineRunner(Pipeline::from_string(std::move(text), registry, options));
}

PipelineRunner::PipelineRunner(const Pipeline& pipeline)
    : graph_(std::make_unique<Graph>(pipeline.graph())), plan_(std::make_unique<Plan>(graph_->stages.size())) {}
PipelineRunner::PipelineRunner(PipelineRunner&&) noexcept = default;
PipelineRunner& PipelineRunner::operator=(PipelineRunner&&) noexcept = default;
PipelineRunner::~PipelineRunner() = default;

std::size_t PipelineRunner::index_of(const std::string& name) const {
  std::vector<std::string> names;
  for (const GraphStage& stage : graph_->stages) names.push_back(stage.name);
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) refuse_name(name, names, "stage");
  return static_cast<std::size_t>(at - names.begin());
}

PipelineRunner& PipelineRunner::feed(const std::string& source, std::vector<SourceItem> items) {
  const GraphStage& stage = graph_->stages[index_of(source)];
  if (stage.is_source()) check_items(stage, items);
  return feed_from(source, [items = std::move(items)] { return items; });
}

PipelineRunner& PipelineRunner::feed_from(const std::string& source,
                                          std::function<std::vector<SourceItem>()> make_items) {
  const std::size_t index = index_of(source);
  if (!graph_->stages[index].is_source()) {
    refuse(graph_->stages[index], "it is no source, so it cannot be fed; replace the stages before it");
  }
  (*plan_)[index].feed = std::move(make_items);
  return *this;
}

PipelineRunner& PipelineRunner::replace(const std::string& name, StageFunction function) {
  const std::size_t index = index_of(name);
  const GraphStage& stage = graph_->stages[index];
  if (stage.is_source()) refuse(stage, "it is a source; feed it instead of replacing it");
  if (!fits(function.shape(), stage.kind())) {
    refuse(stage,
           "the function does not fit the kind of the stage, which takes " + std::string(shape_for(stage.kind())));
  }
  for (const auto& [type, from] : arriving(*graph_, index)) {
    if (function.input() == nullptr || type->is_a(*function.input())) continue;
    refuse(stage, "stage " + quote(from) + " gives it payloads of type " + quote_name(type->name) +
                      ", the function takes " + quote_name(function.input()->name));
  }
  const PayloadType* expected = output_type(stage);
  if (expected != nullptr && function.output() != nullptr && !function.output()->is_a(*expected)) {
    refuse(stage, "it gives payloads of type " + quote_name(expected->name) + ", the function gives " +
                      quote_name(function.output()->name));
  }
  (*plan_)[index].function = std::move(function);
  return *this;
}

PipelineRunner& PipelineRunner::keep(const std::string& sink) {
  const std::size_t index = index_of(sink);
  if (!is_sink(graph_->stages[index])) refuse(graph_->stages[index], "it is no sink: it does its work in any case");
  (*plan_)[index].is_kept = true;
  return *this;
}

PipelineRunner& PipelineRunner::collect(const std::string& stage) {
  (*plan_)[index_of(stage)].is_collected = true;
  return *this;
}

PipelineRunner& PipelineRunner::fail(const std::string& name, Calls calls, ItemError error) {
  const std::size_t index = index_of(name);
  const GraphStage& stage = graph_->stages[index];
  if (stage.is_source()) refuse(stage, "faults come before the bodies of stages that are no sources");
  if (!(*plan_)[index].function && !declares(*stage.spec, error.code())) {
    std::vector<std::string> codes;
    for (const ErrorCode& code : stage.spec->errors) codes.emplace_back(code.code);
    refuse(stage, "`" + stage.spec->type + "` declares no error " + quote_name(error.code()) +
                      "; it declares: " + join_names(codes));
  }
  (*plan_)[index].faults.push_back({std::move(calls), std::move(error)});
  return *this;
}

PipelineRunner& PipelineRunner::drop(const std::string& name, Calls calls, std::string reason) {
  const std::size_t index = index_of(name);
  const GraphStage& stage = graph_->stages[index];
  if (stage.is_source()) refuse(stage, "faults come before the bodies of stages that are no sources");
  if (stage.kind() == StageKind::expand) refuse(stage, "a stage that makes many of one cannot drop the one");
  (*plan_)[index].faults.push_back({std::move(calls), DropFault{std::move(reason)}});
  return *this;
}

PipelineRunner& PipelineRunner::delay(const std::string& name, Calls calls, Duration time) {
  const std::size_t index = index_of(name);
  const GraphStage& stage = graph_->stages[index];
  if (stage.kind() != StageKind::async_transform) refuse(stage, "only asynchronous stages can wait before a call");
  (*plan_)[index].faults.push_back({std::move(calls), time});
  return *this;
}

PipelineRunner& PipelineRunner::drain_after(Duration time) {
  plan_->endings.emplace_back(Ending::drain, time);
  return *this;
}

PipelineRunner& PipelineRunner::cancel_after(Duration time) {
  plan_->endings.emplace_back(Ending::cancel, time);
  return *this;
}

PipelineResult PipelineRunner::run(std::uint64_t seed) const {
  PipelineResult result;
  const auto collection = std::make_shared<Collection>();
  RunOptions options;
  options.on_failure = [&result](const FailureRecord& failure) { result.failures.push_back(failure); };
  runtime::RunState state(plan_->apply(*graph_, collection), std::move(options), runtime::make_step_executor(seed));
  const TimePoint start = state.loop().now();
  collection->start(start);
  for (const auto& [ending, time] : plan_->endings) {
    state.loop().call_at(time_after(start, time), [&state, ending = ending] {
      if (ending == Ending::drain) {
        state.drain();
      } else {
        state.cancel();
      }
    });
  }
  try {
    state.start();
    result.report = state.wait();
  } catch (const runtime::Standstill&) {
    const std::string places = places_of(state.progress());
    state.cancel();
    try {
      state.wait();
    } catch (const runtime::Standstill&) {  // NOLINT(bugprone-empty-catch): what is not cancellable either is told.
    }
    throw RunStandsStill("the run stands still: nothing can happen any more, and it is not over; " + places);
  }
  result.elapsed = state.loop().now() - start;
  result.collected = collection->take();
  return result;
}

PipelineResult PipelineRunner::run_on_threads(unsigned workers) const {
  if (!plan_->endings.empty()) {
    throw std::invalid_argument("drain_after() and cancel_after() are for stepped runs: no test waits for real time");
  }
  PipelineResult result;
  const auto collection = std::make_shared<Collection>();
  RunOptions options{.workers = workers};
  options.on_failure = [&result](const FailureRecord& failure) { result.failures.push_back(failure); };
  const Pipeline pipeline(plan_->apply(*graph_, collection));
  collection->start(std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()));
  Run run = pipeline.start(std::move(options));
  result.report = run.wait();
  result.elapsed = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(result.report.seconds));
  result.collected = collection->take();
  return result;
}

const std::vector<CollectedItem>& PipelineResult::items(std::string_view stage) const {
  const auto at = collected.find(std::string(stage));
  if (at != collected.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [name, items] : collected) names.push_back(name);
  refuse_name(stage, names, "collected stage");
}

std::vector<std::string> PipelineResult::keys(std::string_view stage) const {
  std::vector<std::string> keys;
  for (const CollectedItem& item : items(stage)) keys.push_back(item.key);
  return keys;
}

const StageReport& PipelineResult::stage(std::string_view name) const {
  std::vector<std::string> names;
  for (const StageReport& report_of : report.stages) {
    if (report_of.name == name) return report_of;
    names.push_back(report_of.name);
  }
  refuse_name(name, names, "stage");
}

}  // namespace penstock::testing
