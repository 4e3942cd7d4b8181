// Graphs for tests of the runtime, made in C++ from lambdas.
//
//     LambdaGraph graph;
//     graph.numbers("in", 10);
//     graph.transform("double", [](std::int64_t n, StageContext&) { return 2 * n; }).concurrency(1);
//     graph.sink("out", values);
//     const RunReport report = run_on_stepper(graph, seed);
//
// A stage reads the stage before it unless from() says else. Bodies take the number that travels (std::int64_t) or the
// whole `Payload`, and give a number, a Payload, a Maybe of one of them, or nothing (a sink).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "framework/graph/graph.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/step_executor.h"
#include "framework/runtime/tbb_executor.h"
#include "penstock/stage.h"
#include "tests/support/lambda_stages.h"

namespace penstock::test {

/// Refers to a stage of a LambdaGraph, to set what a pipeline file would.
class StageHandle {
 public:
  StageHandle(graph::GraphStage& stage, StageSpec& spec, std::shared_ptr<StageHooks> hooks,
              std::vector<std::string>& inputs)
      : stage_(&stage), spec_(&spec), hooks_(std::move(hooks)), inputs_(&inputs) {}

  StageHandle& concurrency(unsigned items) {
    return set([&] { stage_->concurrency = items; });
  }
  StageHandle& queue(unsigned places) {
    return set([&] { stage_->queue = places; });
  }
  StageHandle& ordered() {
    return set([&] { stage_->is_ordered = true; });
  }
  StageHandle& unfused() {
    return set([&] { stage_->may_fuse = false; });
  }
  StageHandle& timeout(Duration time) {
    return set([&] { stage_->timeout = time; });
  }
  StageHandle& on_failure(graph::OnFailure what) {
    return set([&] { stage_->on_failure = what; });
  }
  StageHandle& retry(unsigned attempts, Duration backoff, Duration max_backoff = std::chrono::seconds(30)) {
    return set([&] { stage_->retry = {attempts, backoff, max_backoff}; });
  }
  /// For a source: it runs on the workers instead of a thread that may block.
  StageHandle& computes() {
    return set([&] { spec_->only_computes = true; });
  }
  /// What its bodies count.
  StageHandle& counter(std::string name) {
    return set([&] { spec_->counters.push_back({std::move(name), "For the test."}); });
  }
  /// What it reads: `"stage"`, `"stage.port"`, `"stage.failed"`.
  template <class... Ports>
  StageHandle& from(Ports... ports) {
    *inputs_ = {std::string(ports)...};
    return *this;
  }
  StageHandle& on_open(std::function<void(StageContext&)> hook) {
    return set([&] { hooks_->open = std::move(hook); });
  }
  StageHandle& on_close(std::function<void(StageContext&)> hook) {
    return set([&] { hooks_->close = std::move(hook); });
  }

 private:
  template <class Set>
  StageHandle& set(Set set) {
    set();
    return *this;
  }
  graph::GraphStage* stage_;
  StageSpec* spec_;
  std::shared_ptr<StageHooks> hooks_;
  std::vector<std::string>* inputs_;
};

/// Stages are added in topological order. build() may be called any number of times; bodies share their lambdas.
class LambdaGraph {
 public:
  static constexpr std::uint64_t kManyBytes = std::uint64_t{1} << 40;

  LambdaGraph& items(std::uint64_t items) {
    limits_.items = items;
    return *this;
  }
  LambdaGraph& memory(std::uint64_t bytes) {
    limits_.memory = bytes;
    return *this;
  }

  // --- Sources ---

  /// Emits first, first + 1, …; the key is the number.
  StageHandle numbers(std::string name, std::int64_t count, std::int64_t first = 0) {
    return add<StageKind::source>(std::move(name), [=](auto hooks) {
      auto next = std::make_shared<std::int64_t>(first);
      lambdas::LambdaSource::Next body = [=](StageContext&) -> std::optional<SourceItem> {
        if (*next == first + count) return std::nullopt;
        return number_item((*next)++);
      };
      return body_of<lambdas::LambdaSource>(hooks, body, static_cast<std::uint64_t>(count));
    });
  }
  StageHandle source(std::string name, lambdas::LambdaSource::Next next) {
    return add<StageKind::source>(std::move(name), [=](auto hooks) {
      return body_of<lambdas::LambdaSource>(hooks, next, std::optional<std::uint64_t>());
    });
  }
  StageHandle async_source(std::string name, lambdas::LambdaAsyncSource::Produce produce) {
    return add<StageKind::async_source>(
        std::move(name), [=](auto hooks) { return body_of<lambdas::LambdaAsyncSource>(hooks, produce); });
  }
  static SourceItem number_item(std::int64_t number) {
    return {.key = std::to_string(number), .attributes = {}, .payload = Payload(Integer{number})};
  }

  // --- One to one ---

  template <class F>
  StageHandle transform(std::string name, F body) {
    return add_sync<StageKind::transform, lambdas::LambdaTransform>(std::move(name), std::move(body));
  }
  template <class F>
  StageHandle serial(std::string name, F body) {
    return add_sync<StageKind::serial_transform, lambdas::LambdaSerial>(std::move(name), std::move(body))
        .concurrency(1);
  }
  /// Serial. `finish` gives what it emits at its end, a number or nothing.
  template <class F, class Finish>
  StageHandle serial(std::string name, F body, Finish finish) {
    return add_finishing<StageKind::serial_transform, lambdas::LambdaSerial>(std::move(name), std::move(body), finish)
        .concurrency(1);
  }
  template <class F, class Finish>
  StageHandle transform(std::string name, F body, Finish finish) {
    return add_finishing<StageKind::transform, lambdas::LambdaTransform>(std::move(name), std::move(body), finish);
  }
  template <class F>
  StageHandle blocking(std::string name, F body) {
    return add_sync<StageKind::blocking_transform, lambdas::LambdaBlocking>(std::move(name), std::move(body))
        .concurrency(4);
  }
  /// A transform that declares the memory that each number or payload needs.
  template <class Need, class F>
  StageHandle measured(std::string name, Need need, F body) {
    const lambdas::SyncBody erased = lambdas::sync_body(std::move(body));
    const lambdas::LambdaMeasured::Need erased_need = [need](const Payload& in) -> std::uint64_t {
      if constexpr (std::is_invocable_v<const Need&, std::int64_t>) {
        return static_cast<std::uint64_t>(need(in.get<Integer>().value));
      } else {
        return need(in);
      }
    };
    StageHandle stage = add<StageKind::transform>(
        std::move(name), [=](auto hooks) { return body_of<lambdas::LambdaMeasured>(hooks, erased, erased_need); });
    specs_.back().has_memory_need = true;
    return stage;
  }
  /// The body is a coroutine: `[](std::int64_t n, StageContext& context) -> Task<std::int64_t>`.
  template <class F>
  StageHandle async(std::string name, F body) {
    const lambdas::AsyncFunction erased = [body = std::move(body)](const Payload& in, StageContext& context) mutable {
      return lambdas::await_body(lambdas::call(body, in, context));
    };
    return add<StageKind::async_transform>(std::move(name),
                                           [=](auto hooks) { return body_of<lambdas::LambdaAsync>(hooks, erased); })
        .concurrency(64);
  }

  // --- One to many, many to one, many ways ---

  template <class F>
  StageHandle expand(std::string name, F body) {
    const lambdas::LambdaExpand::Body erased = [body = std::move(body)](const Payload& in,
                                                                        StageContext& context) mutable {
      return lambdas::generate(lambdas::call(body, in, context));
    };
    return add<StageKind::expand>(std::move(name),
                                  [=](auto hooks) { return body_of<lambdas::LambdaExpand>(hooks, erased); });
  }
  /// The same for a body that declares the memory that each payload needs.
  template <class F>
  StageHandle measured_expand(std::string name, lambdas::LambdaMeasuredExpand::Need need, F body) {
    const lambdas::LambdaExpand::Body erased = [body = std::move(body)](const Payload& in,
                                                                        StageContext& context) mutable {
      return lambdas::generate(lambdas::call(body, in, context));
    };
    StageHandle stage = add<StageKind::expand>(
        std::move(name), [=](auto hooks) { return body_of<lambdas::LambdaMeasuredExpand>(hooks, erased, need); });
    specs_.back().has_memory_need = true;
    return stage;
  }
  /// Merges into the sum unless `merge` says else.
  StageHandle collect(std::string name, std::size_t members, lambdas::LambdaCollect::Merge merge = sum_of,
                      std::optional<Duration> delay = {}) {
    StageHandle stage = add<StageKind::collect>(
        std::move(name), [=](auto hooks) { return body_of<lambdas::LambdaCollect>(hooks, members, merge, delay); });
    stages_.back().max_members = members;
    return stage.concurrency(1);
  }
  StageHandle route(std::string name, std::vector<std::string> ports, lambdas::LambdaRoute::Body body) {
    StageHandle stage = add<StageKind::route>(
        std::move(name), [=](auto hooks) { return body_of<lambdas::LambdaRoute>(hooks, ports, body); });
    stages_.back().outputs.clear();
    for (const std::string& port : ports) stages_.back().outputs.push_back({port, nullptr, {}});
    return stage;
  }

  // --- Sinks ---

  /// Serial. Keeps the numbers in the order of their coming; read them when the run is over.
  StageHandle sink(std::string name, std::vector<std::int64_t>& into) {
    return serial(std::move(name), [&into](std::int64_t number, StageContext&) { into.push_back(number); });
  }

  /// The graph as it is now. Fresh sources each time.
  std::shared_ptr<const graph::Graph> build() const {
    auto graph = std::make_shared<graph::Graph>();
    graph->name = "test";
    graph->limits = limits_;
    graph->stages.assign(stages_.begin(), stages_.end());
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      graph->stages[i].spec = std::make_shared<const StageSpec>(specs_[i]);
      if (graph->stages[i].is_source()) continue;
      std::vector<std::string> inputs = inputs_[i];
      if (inputs.empty()) inputs.push_back(stages_[i - 1].name);
      for (const std::string& input : inputs) connect(*graph, input, i);
    }
    return graph;
  }

 private:
  static std::int64_t sum_of(const std::vector<std::int64_t>& numbers) {
    std::int64_t sum = 0;
    for (const std::int64_t number : numbers) sum += number;
    return sum;
  }

  template <class S, class... Arguments>
  static std::unique_ptr<penstock::detail::StageBody> body_of(const Arguments&... arguments) {
    return std::make_unique<typename penstock::detail::BodyFor<S>::Type>(arguments...);
  }

  template <StageKind Kind, class Make>
  StageHandle add(std::string name, Make make) {
    auto hooks = std::make_shared<StageHooks>();
    graph::GraphStage& stage = stages_.emplace_back();
    stage.name = std::move(name);
    stage.outputs.push_back({"out", nullptr, {}});
    StageSpec& spec = specs_.emplace_back();
    spec.type = stage.name + "_type";
    spec.kind = Kind;
    spec.make_body = [make, hooks](const std::shared_ptr<void>&) { return make(hooks); };
    return StageHandle(stage, spec, hooks, inputs_.emplace_back());
  }
  template <StageKind Kind, class S, class F>
  StageHandle add_sync(std::string name, F body) {
    const lambdas::SyncBody erased = lambdas::sync_body(std::move(body));
    return add<Kind>(std::move(name), [=](auto hooks) { return body_of<S>(hooks, erased); });
  }

  template <StageKind Kind, class Base, class F>
  StageHandle add_finishing(std::string name, F body, typename lambdas::LambdaFinish<Base>::Finish finish) {
    const lambdas::SyncBody erased = lambdas::sync_body(std::move(body));
    StageHandle stage = add<Kind>(
        std::move(name), [=](auto hooks) { return body_of<lambdas::LambdaFinish<Base>>(hooks, erased, finish); });
    specs_.back().has_finish = true;
    return stage;
  }

  static void connect(graph::Graph& graph, const std::string& input, graph::StageIndex to) {
    const std::size_t dot = input.find('.');
    const std::string stage_name = input.substr(0, dot);
    for (graph::StageIndex i = 0; i < to; ++i) {
      graph::GraphStage& stage = graph.stages[i];
      if (stage.name != stage_name) continue;
      auto& upstream = graph.stages[to].upstream;
      if (upstream.empty() || upstream.back() != i) upstream.push_back(i);
      const std::string port = dot == std::string::npos ? stage.outputs[0].name : input.substr(dot + 1);
      if (port == "failed") {
        stage.failed_readers.push_back(to);
        return;
      }
      for (graph::OutputPort& output : stage.outputs) {
        if (output.name != port) continue;
        output.readers.push_back(to);
        return;
      }
    }
    throw std::logic_error("the test's graph has no \"" + input + "\"");
  }

  graph::Limits limits_{.items = 256, .memory = kManyBytes};
  std::deque<graph::GraphStage> stages_;  // Handles refer to them.
  std::deque<StageSpec> specs_;
  std::deque<std::vector<std::string>> inputs_;
};

/// Runs to the end on the stepper.
inline RunReport run_on_stepper(const LambdaGraph& graph, std::uint64_t seed, RunOptions options = {}) {
  runtime::RunState run(graph.build(), std::move(options), runtime::make_step_executor(seed));
  run.start();
  return run.wait();
}

/// Runs to the end on real threads.
inline RunReport run_on_threads(const LambdaGraph& graph, unsigned workers, RunOptions options = {}) {
  runtime::RunState run(graph.build(), std::move(options), runtime::make_tbb_executor(workers, 16));
  run.start();
  return run.wait();
}

/// Runs a test body with seeds from 1; a failure names its seed.
template <class Body>
void for_seeds(std::uint64_t count, Body body) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    body(seed);
  }
}

inline const StageReport& stage_of(const RunReport& report, std::string_view name) {
  for (const StageReport& stage : report.stages) {
    if (stage.name == name) return stage;
  }
  throw std::logic_error("no stage " + std::string(name));
}

}  // namespace penstock::test
