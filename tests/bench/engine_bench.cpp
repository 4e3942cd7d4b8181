// Cost of an item in pipelines of trivial stages, beside the same work written by hand.
//
//     ./dev bench engine [ITEMS]
//     ./dev bench engine ITEMS STAGES     only ours, once, with one worker: for a profiler
//
// One million items, 256 in flight, bodies that add 1, 3 and 10 stages, one worker and two; the pipeline is loaded from
// JSON and all counters are on. Peers: one oneTBB function_node of default policy per stage behind a limiter_node<T,
// int>; parallel_pipeline with the same stages; a plain loop. All of them carry by pointer a heap item of what ours
// have (key, attributes, payload) and call each stage through a virtual function in a try block. Then: how much of two
// cores bodies of a given cost get. SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "penstock/pipeline.h"
#include "penstock/stage.h"

namespace {

using namespace penstock;  // NOLINT(google-build-using-namespace): a program of one file.
namespace flow = oneapi::tbb::flow;

constexpr std::size_t kInFlight = 256;
constexpr int kRepetitions = 5;
constexpr double kNever = 1e300;  // Nanoseconds.

std::atomic<std::int64_t> g_sum{0};  // Every variant must come to the same.

void spin(std::int64_t ns) {
  if (ns == 0) return;
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(ns);
  while (std::chrono::steady_clock::now() < end) {
  }
}

// --- As a pipeline ---

struct NumbersParams {
  std::int64_t count = 0;
};
class Numbers final : public Source {
 public:
  explicit Numbers(const NumbersParams& params) : count_(params.count) {}
  std::optional<SourceItem> next(StageContext&) override {
    if (next_ == count_) return std::nullopt;
    return std::make_optional<SourceItem>("item", Attributes(), Payload(Integer{next_++}));
  }

 private:
  std::int64_t count_;
  std::int64_t next_ = 0;
};

struct IncrementParams {
  std::int64_t spin_ns = 0;
};
class Increment final : public Transform<Integer, Integer> {
 public:
  explicit Increment(const IncrementParams& params) : spin_ns_(params.spin_ns) {}
  Integer process(const Integer& in, StageContext&) const override {
    spin(spin_ns_);
    return {in.value + 1};
  }

 private:
  std::int64_t spin_ns_;
};

class Add final : public Transform<Integer, void> {
 public:
  void process(const Integer& in, StageContext&) const override {
    thread_local std::int64_t sum = 0;
    sum += in.value;
    if (in.value < 0) g_sum = sum;
  }
};

Registry registry() {
  Registry made;
  made.add(describe_stage<Numbers, NumbersParams>("numbers")
               .summary("Counts.")
               .output<Integer>("number", "From 0.")
               .param(&NumbersParams::count, "count", "How many.")
               .only_computes());
  made.add(describe_stage<Increment, IncrementParams>("increment")
               .summary("Adds 1.")
               .input<Integer>("number", "Any.")
               .output<Integer>("number", "One more.")
               .param(&IncrementParams::spin_ns, "spin_ns", "Cost of the body."));
  made.add(describe_stage<Add>("add").summary("Uses the number.").input<Integer>("number", "Any."));
  return made;
}

double pipeline_ns(std::int64_t items, int stages, unsigned workers, std::int64_t spin_ns) {
  std::string json = R"({"name": "bench", "limits": {"items": )" + std::to_string(kInFlight) +
                     R"(}, "stages": [{"type": "numbers", "count": )" + std::to_string(items) + "}";
  for (int i = 0; i < stages - 1; ++i) {
    json += R"(, {"name": "i)" + std::to_string(i) + R"(", "type": "increment", "spin_ns": )" +
            std::to_string(spin_ns) + "}";
  }
  json += R"(, {"type": "add"}]})";
  const Pipeline pipeline = Pipeline::from_string(json, registry());
  const RunReport report = pipeline.start({.workers = workers}).wait();
  if (report.items.done != static_cast<std::uint64_t>(items)) std::abort();
  return report.seconds * 1e9 / static_cast<double>(items);
}

// --- By hand ---

using HeapItem = SourceItem;
class HandStage {
 public:
  virtual ~HandStage() = default;
  virtual void process(HeapItem& item) const = 0;
};
class HandIncrement final : public HandStage {
 public:
  void process(HeapItem& item) const override { item.payload.emplace<Integer>(item.payload.get<Integer>().value + 1); }
};

using Stages = std::vector<std::unique_ptr<HandStage>>;
Stages hand_stages(int count) {
  Stages made;
  for (int i = 0; i < count; ++i) made.push_back(std::make_unique<HandIncrement>());
  return made;
}

void guarded(const HandStage& stage, HeapItem& item) {
  try {
    stage.process(item);
  } catch (const std::exception&) {
    std::abort();
  }
}

HeapItem* make_item(std::int64_t value) { return new HeapItem{"item", {}, Payload(Integer{value})}; }

double timed(std::int64_t items, const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const auto spent = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(std::chrono::nanoseconds(spent).count()) / static_cast<double>(items);
}

double loop_ns(std::int64_t items, int stages) {
  const Stages bodies = hand_stages(stages);
  return timed(items, [&] {
    for (std::int64_t i = 0; i < items; ++i) {
      HeapItem* item = make_item(i);
      for (const auto& body : bodies) guarded(*body, *item);
      delete item;
    }
  });
}

double flow_graph_ns(std::int64_t items, int stages, unsigned workers) {
  const Stages bodies = hand_stages(stages);
  oneapi::tbb::task_arena arena(static_cast<int>(workers));
  double ns = 0;
  arena.execute([&] {
    flow::graph graph;
    std::int64_t next = 0;
    flow::input_node<HeapItem*> source(graph, [&](oneapi::tbb::flow_control& control) -> HeapItem* {
      if (next == items) {
        control.stop();
        return nullptr;
      }
      return make_item(next++);
    });
    flow::limiter_node<HeapItem*, int> limiter(graph, kInFlight);
    std::vector<std::unique_ptr<flow::function_node<HeapItem*, HeapItem*>>> nodes;
    for (const auto& body : bodies) {
      nodes.push_back(
          std::make_unique<flow::function_node<HeapItem*, HeapItem*>>(graph, flow::unlimited, [&body](HeapItem* item) {
            guarded(*body, *item);
            return item;
          }));
    }
    flow::function_node<HeapItem*, int> last(graph, flow::unlimited, [](HeapItem* item) {
      delete item;
      return 1;
    });
    flow::make_edge(source, limiter);
    flow::make_edge(limiter, *nodes.front());
    for (std::size_t i = 1; i < nodes.size(); ++i) flow::make_edge(*nodes[i - 1], *nodes[i]);
    flow::make_edge(*nodes.back(), last);
    flow::make_edge(last, limiter.decrementer());
    ns = timed(items, [&] {
      source.activate();
      graph.wait_for_all();
    });
  });
  return ns;
}

double parallel_pipeline_ns(std::int64_t items, int stages, unsigned workers) {
  const Stages bodies = hand_stages(stages);
  oneapi::tbb::task_arena arena(static_cast<int>(workers));
  double ns = 0;
  arena.execute([&] {
    std::int64_t next = 0;
    using oneapi::tbb::filter_mode;
    auto chain = oneapi::tbb::make_filter<void, HeapItem*>(filter_mode::serial_out_of_order,
                                                           [&](oneapi::tbb::flow_control& control) -> HeapItem* {
                                                             if (next == items) {
                                                               control.stop();
                                                               return nullptr;
                                                             }
                                                             return make_item(next++);
                                                           });
    for (const auto& body : bodies) {
      chain = chain & oneapi::tbb::make_filter<HeapItem*, HeapItem*>(filter_mode::parallel, [&body](HeapItem* item) {
                guarded(*body, *item);
                return item;
              });
    }
    const auto whole =
        chain & oneapi::tbb::make_filter<HeapItem*, void>(filter_mode::parallel, [](HeapItem* item) { delete item; });
    ns = timed(items, [&] { oneapi::tbb::parallel_pipeline(kInFlight, whole); });
  });
  return ns;
}

double best(const std::function<double()>& measure) {
  double least = measure();
  for (int i = 1; i < kRepetitions; ++i) least = std::min(least, measure());
  return least;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) {
    const oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism, 2);
    std::printf("%.1f\n", pipeline_ns(std::atoll(argv[1]), std::atoi(argv[2]), 1, 0));
    return 0;
  }
  const std::int64_t items = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  std::printf("%lld items, %zu in flight; ns per item, best of %d; ratio = penstock / peer\n\n",
              static_cast<long long>(items), kInFlight, kRepetitions);
  std::printf("%7s %8s %9s | %11s %6s | %18s %6s | %6s %6s\n", "stages", "workers", "penstock", "flow graph", "ratio",
              "parallel_pipeline", "ratio", "loop", "ratio");
  for (const int stages : {3, 10}) {
    for (const unsigned workers : {1U, 2U}) {
      using oneapi::tbb::global_control;
      // Turn and turn about, so that what else the machine does hits all of them.
      double ours = kNever;
      double graph = kNever;
      double pipeline = kNever;
      double loop = kNever;
      for (int i = 0; i < kRepetitions; ++i) {
        {
          const global_control control(global_control::max_allowed_parallelism, workers + 1);
          ours = std::min(ours, pipeline_ns(items, stages, workers, 0));
        }
        const global_control control(global_control::max_allowed_parallelism, workers);
        graph = std::min(graph, flow_graph_ns(items, stages, workers));
        pipeline = std::min(pipeline, parallel_pipeline_ns(items, stages, workers));
        loop = std::min(loop, loop_ns(items, stages));
      }
      std::printf("%7d %8u %9.1f | %11.1f %6.2f | %18.1f %6.2f | %6.1f %6.2f\n", stages, workers, ours, graph,
                  ours / graph, pipeline, ours / pipeline, loop, ours / loop);
    }
  }
  std::printf("\nTwo cores: 3 stages, 2 of them busy for the given time; efficiency = ideal / measured\n");
  for (const std::int64_t body : {500, 1'000, 3'000, 10'000, 100'000}) {
    const oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism, 3);
    const std::int64_t count = std::max<std::int64_t>(200, 200'000'000 / body / 2);
    const double one = best([&] {
      return timed(count, [&] {
        for (std::int64_t i = 0; i < 2 * count; ++i) spin(body);
      });
    });
    const double ours = best([&] { return pipeline_ns(count, 4, 2, body) * 2 / 3; });
    std::printf("  body %7lld ns: %3.0f %%\n", static_cast<long long>(body), 100 * one / 2 / ours);
  }
  return 0;
}
