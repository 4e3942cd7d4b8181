// SPDX-License-Identifier: Apache-2.0
#include "tests/framework/runtime/torture_graph.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>

#include "framework/runtime/run_state.h"
#include "framework/runtime/step_executor.h"

namespace penstock::torture {
namespace {

using graph::GraphStage;
using graph::StageIndex;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : seed_(seed), random_(seed) {}

  std::unique_ptr<TortureGraph> make() {
    made_ = std::make_unique<TortureGraph>();
    made_->graph = std::make_shared<graph::Graph>();
    graph::Graph& graph = *made_->graph;
    graph.name = "torture " + std::to_string(seed_);
    calm_ = chance(40);
    const std::size_t sources = 1 + (chance(35) ? below(3) : 0);
    const std::size_t others = 1 + below(8);
    graph.stages.resize(sources + others);
    graph.limits.memory = 1 + below(2000);
    for (std::size_t i = 0; i < sources; ++i) add_source(i);
    for (std::size_t i = sources; i < sources + others; ++i) add_stage(i, sources);
    // What nobody reads yet is read by the last stage: every source must be read.
    for (std::size_t i = 0; i < sources; ++i) {
      if (graph.stages[i].outputs[0].readers.empty()) connect(i, 0, sources + others - 1);
    }
    graph.limits.items = collected_ + below(chance(50) ? 4 : 40);
    note_order(sources);
    note_queue_bounds(sources);
    if (made_->has_hang || chance(25)) {
      made_->stop = static_cast<TortureGraph::Stop>(1 + below(3));
      made_->stop_after_us = below(chance(50) ? 300 : 5000);
    }
    return std::move(made_);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_); }
  bool chance(unsigned percent) { return below(100) < percent; }

  Behaviour& prepare(StageIndex i, StageKind kind, bool with_need = false) {
    GraphStage& stage = made_->graph->stages[i];
    stage.name = "s" + std::to_string(i);
    stage.spec = spec_of(kind, with_need, chance(50));
    auto behaviour = std::make_shared<Behaviour>();
    behaviour->seed = seed_;
    behaviour->stage = static_cast<std::uint32_t>(i);
    behaviour->log = &made_->logs.emplace_back();
    stage.params = behaviour;
    behaviours_.push_back(behaviour);
    return *behaviour;
  }

  void add_source(StageIndex i) {
    const bool is_async = chance(40);
    Behaviour& behaviour = prepare(i, is_async ? StageKind::async_source : StageKind::source);
    behaviour.items = static_cast<std::uint32_t>(chance(10) ? 0 : below(chance(20) ? 200 : 40));
    behaviour.log->is_source = true;
    if (!calm_ && chance(3)) behaviour.source_fails = 3;
    if (is_async && chance(4)) {
      behaviour.hang = 1;
      made_->has_hang = true;
    }
    made_->graph->stages[i].outputs.push_back({"out", nullptr, {}});
  }

  void connect(StageIndex from, std::size_t port, StageIndex to) {
    auto& readers = made_->graph->stages[from].outputs[port].readers;
    if (std::find(readers.begin(), readers.end(), to) == readers.end()) readers.push_back(to);
    note_upstream(from, to);
  }
  void connect_failed(StageIndex from, StageIndex to) {
    auto& readers = made_->graph->stages[from].failed_readers;
    if (std::find(readers.begin(), readers.end(), to) == readers.end()) readers.push_back(to);
    note_upstream(from, to);
  }
  void note_upstream(StageIndex from, StageIndex to) {
    auto& upstream = made_->graph->stages[to].upstream;
    if (std::find(upstream.begin(), upstream.end(), from) == upstream.end()) upstream.push_back(from);
  }

  void add_stage(StageIndex i, std::size_t sources) {
    static constexpr StageKind kKinds[] = {
        StageKind::transform,       StageKind::transform,       StageKind::serial_transform,
        StageKind::async_transform, StageKind::async_transform, StageKind::blocking_transform,
        StageKind::expand,          StageKind::collect,         StageKind::route};
    StageKind kind = kKinds[below(std::size(kKinds))];
    if (kind == StageKind::expand && expands_ >= 2) kind = StageKind::transform;
    if (kind == StageKind::collect && collected_ > 30) kind = StageKind::serial_transform;
    const bool with_need = (kind == StageKind::transform || kind == StageKind::expand) && chance(25);
    Behaviour& behaviour = prepare(i, kind, with_need);
    GraphStage& stage = made_->graph->stages[i];
    if (!calm_) {
      behaviour.fail = chance(40) ? static_cast<unsigned>(below(40)) : 0;
      behaviour.drop = chance(30) ? static_cast<unsigned>(below(30)) : 0;
    }
    if (with_need || (kind == StageKind::async_transform && chance(40))) {
      behaviour.need = 1 + below(made_->graph->limits.memory * (chance(10) ? 2 : 1));
      auto& largest = with_need ? made_->largest_need : made_->largest_growth;
      largest = std::max(largest, behaviour.need * (with_need ? 1 : 4));
    }
    behaviour.uses_blocking = chance(30);
    behaviour.loads = kind == StageKind::async_transform && behaviour.need > 0 && chance(50);
    made_->has_loads |= behaviour.loads || (with_need && kind == StageKind::expand);
    const bool limited = chance(40);
    switch (kind) {
      case StageKind::transform:
        stage.concurrency = limited ? 1 + static_cast<unsigned>(below(4)) : graph::kUnlimited;
        break;
      case StageKind::serial_transform:
        stage.concurrency = 1;
        if (std::uniform_int_distribution<int>(0, 2)(extras_) == 0) {
          behaviour.absorb = std::uniform_int_distribution<unsigned>(1, 100)(extras_);
        }
        break;
      case StageKind::async_transform:
        stage.concurrency = 1 + static_cast<unsigned>(below(limited ? 4 : 50));
        if (chance(20)) stage.timeout = std::chrono::microseconds(1 + below(600));
        if (!calm_ && chance(6)) {
          behaviour.hang = 5;
          made_->has_hang |= !stage.timeout.has_value();
        }
        break;
      case StageKind::blocking_transform:
        stage.concurrency = 1 + static_cast<unsigned>(below(4));
        break;
      case StageKind::expand:
        ++expands_;
        behaviour.children = static_cast<std::uint32_t>(below(chance(20) ? 60 : 6));
        behaviour.fail /= 4;
        if (limited) stage.concurrency = 1 + static_cast<unsigned>(below(3));
        break;
      case StageKind::collect:
        stage.concurrency = 1;
        behaviour.members = 1 + static_cast<std::uint32_t>(below(5));
        collected_ *= behaviour.members;
        stage.max_members = behaviour.members;
        if (std::uniform_int_distribution<int>(0, 2)(extras_) == 0) {
          behaviour.delay_us = std::uniform_int_distribution<std::uint32_t>(1, 500)(extras_);
        }
        break;
      case StageKind::route:
        behaviour.ports = 1 + static_cast<std::uint32_t>(below(3));
        break;
      default:
        break;
    }
    behaviour.log->concurrency = stage.concurrency;
    if (chance(25)) stage.queue = 1 + static_cast<unsigned>(below(3));
    if (chance(20)) stage.is_ordered = true;
    const bool may_retry = kind != StageKind::expand && kind != StageKind::collect && kind != StageKind::route;
    if (may_retry && chance(30)) {
      stage.retry.attempts = 2 + static_cast<unsigned>(below(3));
      stage.retry.backoff = std::chrono::microseconds(below(500));
      stage.retry.max_backoff = std::chrono::milliseconds(1);
    }
    if (chance(15)) stage.on_failure = graph::OnFailure::drop;
    if (!calm_ && chance(2)) stage.on_failure = graph::OnFailure::stop;
    if (chance(20)) stage.may_fuse = false;
    const std::size_t ports = kind == StageKind::route ? behaviour.ports : 1;
    for (std::size_t p = 0; p < ports; ++p) stage.outputs.push_back({"p" + std::to_string(p), nullptr, {}});
    // Mostly a chain; now and then a second input, or a failed port.
    const std::size_t inputs = chance(25) ? 2 : 1;
    for (std::size_t n = 0; n < inputs; ++n) {
      const StageIndex from = chance(65) ? i - 1 : below(i);
      GraphStage& upstream = made_->graph->stages[from];
      if (from >= sources && chance(12)) {
        connect_failed(from, i);
      } else {
        connect(from, below(upstream.outputs.size()), i);
      }
    }
  }

  /// Marks say where an item stands among those of its source. What an expansion failed at carries the mark of its
  /// parent: with a second expansion behind it, marks say too little.
  void note_order(std::size_t sources) {
    bool marks_tell = true;
    for (std::size_t i = 0; i < behaviours_.size(); ++i) {
      const GraphStage& stage = made_->graph->stages[i];
      marks_tell &= stage.kind() != StageKind::expand || expands_ < 2 || stage.failed_readers.empty();
    }
    for (std::size_t i = 0; i < made_->graph->stages.size(); ++i) {
      made_->logs[i].is_ordered = made_->graph->stages[i].is_ordered;
      made_->logs[i].checks_order = marks_tell && i >= sources;
    }
  }

  void note_queue_bounds(std::size_t sources) {
    const auto& stages = made_->graph->stages;
    for (std::size_t i = sources; i < stages.size(); ++i) {
      const GraphStage& consumer = stages[i];
      // An expansion enters its body when it gets a permit for a child, long after it left the queue.
      if (consumer.kind() == StageKind::expand || !consumer.queue || consumer.is_ordered) continue;
      TortureGraph::QueueBound bound{consumer.upstream, i, *consumer.queue};
      bool is_simple = true;
      for (const StageIndex from : consumer.upstream) {
        const GraphStage& producer = stages[from];
        const bool one_to_one = producer.kind() == StageKind::transform ||
                                producer.kind() == StageKind::serial_transform ||
                                producer.kind() == StageKind::blocking_transform;
        const bool feeds_only_it = producer.outputs.size() == 1 && producer.outputs[0].readers.size() == 1 &&
                                   producer.failed_readers.empty() && behaviours_[from]->fail == 0 &&
                                   behaviours_[from]->drop == 0 && behaviours_[from]->absorb == 0;
        is_simple &= one_to_one && feeds_only_it && producer.concurrency != graph::kUnlimited;
        bound.most += producer.concurrency;
      }
      if (is_simple) made_->queue_bounds.push_back(bound);
    }
  }

  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::mt19937_64 extras_{seed_};  // A row of its own: what a seed says about all else was there before.
  std::unique_ptr<TortureGraph> made_;
  std::vector<std::shared_ptr<Behaviour>> behaviours_;
  bool calm_ = false;
  std::uint64_t collected_ = 1;
  int expands_ = 0;
};

void watch_queues(TortureGraph& torture) {
  for (auto& bound : torture.queue_bounds) {
    std::uint64_t finished = 0;
    for (const std::size_t producer : bound.producers) finished += torture.logs[producer].left();
    // Read last: what enters meanwhile can only hide a fault, not make one up.
    const std::uint64_t entered = torture.logs[bound.consumer].first_entered();
    if (finished > entered + bound.most && !std::exchange(bound.was_exceeded, true)) {
      torture.logs[bound.consumer].complain("its queue holds more than it may: " + std::to_string(finished - entered) +
                                            " finished and not entered, at most " + std::to_string(bound.most));
    }
  }
}

/// Looks at the run again and again, by a timer of the run's own loop.
class Watch {
 public:
  Watch(TortureGraph& torture, runtime::RunState& run, Threads threads)
      : torture_(torture), run_(run), threads_(threads) {}

  void look() {
    watch_queues(torture_);
    if (!run_.budget().keeps_nobody_in_vain()) {
      torture_.logs.front().complain("somebody waits for a token, for memory or for a permit that is there");
    }
    // Its own timer keeps the stepper from seeing that nothing else is left.
    const std::uint64_t now = motion();
    looks_in_vain_ = now == last_motion_ ? looks_in_vain_ + 1 : 0;
    last_motion_ = now;
    if (threads_ != Threads::many && looks_in_vain_ == kPatience) {
      throw runtime::Standstill("the run stands still: for a long time no body has begun or ended");
    }
    run_.loop().call_at(run_.loop().now() + std::chrono::microseconds(50), [this] { look(); });
  }

 private:
  static constexpr int kPatience = 4'000;  // 200 ms; no stage sleeps for 1 ms, a drain takes 5 ms at most.

  std::uint64_t motion() const {
    std::uint64_t sum = run_.budget().items_in_flight();
    for (const StageLog& log : torture_.logs) sum += log.entered() + log.left();
    return sum;
  }

  TortureGraph& torture_;
  runtime::RunState& run_;
  Threads threads_;
  std::uint64_t last_motion_ = 0;
  int looks_in_vain_ = 0;
};

std::string check(const TortureGraph& torture, const RunReport& report) {
  std::ostringstream wrong;
  for (std::size_t i = 0; i < torture.logs.size(); ++i) {
    for (const std::string& complaint : torture.logs[i].complaints()) wrong << "  s" << i << ": " << complaint << "\n";
  }
  const graph::Limits& limits = torture.graph->limits;
  if (!report.items.is_balanced()) wrong << "  the equation does not hold\n";
  if (report.peak_items_in_flight > limits.items) wrong << "  more items in flight than tokens\n";
  // Who grows step by step may have to be let beyond the limit while another, alone beyond it, still holds its own.
  const std::uint64_t most_memory =
      std::max({limits.memory, torture.largest_need, torture.largest_growth}) + torture.largest_growth;
  // Loads that are parked where nobody can set them aside, and expansions that wait for a child, hold on to theirs.
  if (!torture.has_loads && report.peak_memory_bytes > most_memory) wrong << "  more memory than the bound\n";
  std::uint64_t emitted = 0;
  for (std::size_t i = 0; i < torture.logs.size(); ++i) {
    if (torture.logs[i].is_source) emitted += report.stages[i].out;
    emitted += torture.logs[i].finished();
    if (report.stages[i].in_flight != 0) wrong << "  s" << i << ": in_flight is not 0 at the end\n";
    if (report.stages[i].waiting != 0) wrong << "  s" << i << ": waiting is not 0 at the end\n";
  }
  if (emitted != report.items.admitted)
    wrong << "  admitted is not what was emitted by sources, and by stages at their end\n";
  if (torture.stop == TortureGraph::Stop::none && report.outcome == RunOutcome::completed &&
      report.items.cancelled > 0) {
    wrong << "  items were cancelled though nobody cancelled\n";
  }
  return wrong.str();
}

}  // namespace

std::unique_ptr<TortureGraph> make_torture_graph(std::uint64_t seed) { return Maker(seed).make(); }

std::optional<std::string> torture(std::uint64_t seed, std::unique_ptr<runtime::Executor> executor, Threads threads) {
  const std::unique_ptr<TortureGraph> made = make_torture_graph(seed);
  for (StageLog& log : made->logs) {
    // Pieces are taken in order; which of two bodies on two threads gets to write first, only the system knows.
    if (threads == Threads::many && log.concurrency != 1) log.checks_order = false;
  }
  for (TortureGraph::QueueBound& bound : made->queue_bounds) {
    // What waits for memory has left the queue.
    if (made->graph->stages[bound.consumer].spec->has_memory_need) bound.most += executor->workers();
  }
  if (threads == Threads::one) {
    for (const TortureGraph::QueueBound& bound : made->queue_bounds) {
      for (const std::size_t producer : bound.producers)
        made->logs[producer].on_leave = [&made] { watch_queues(*made); };
    }
  }
  if (threads != Threads::one) {
    // Between the place that a piece leaves and its body there may be a pause of the thread.
    std::erase_if(made->queue_bounds, [&](TortureGraph::QueueBound& bound) {
      const unsigned consumer = made->graph->stages[bound.consumer].concurrency;
      bound.most += consumer;
      return consumer == graph::kUnlimited;
    });
  }
  std::string wrong;
  {
    RunOptions options;
    options.drain_timeout = std::chrono::milliseconds(5);
    std::optional<Watch> watch;  // Outlives the run, whose loop calls it.
    runtime::RunState run(made->graph, options, std::move(executor));
    EventLoop& loop = run.loop();
    watch.emplace(*made, run, threads);
    loop.post([&watch] { watch->look(); });
    if (made->stop != TortureGraph::Stop::none) {
      loop.post([&] {
        const Duration after = std::chrono::microseconds(made->stop_after_us);
        loop.call_at(loop.now() + after, [&] {
          if (made->stop == TortureGraph::Stop::cancel) return run.cancel();
          run.drain();
          if (made->stop == TortureGraph::Stop::drain_then_cancel) {
            loop.call_at(loop.now() + std::chrono::microseconds(200), [&] { run.cancel(); });
          }
        });
      });
    }
    try {
      run.start();
      wrong = check(*made, run.wait());
      if (run.budget().children_alive() != 0) wrong += "  permits of children were never given back\n";
    } catch (const runtime::Standstill& standstill) {
      wrong = std::string("  ") + standstill.what() + "\n";
    }
  }
  if (Mark::live() != 0) wrong += "  " + std::to_string(Mark::live().exchange(0)) + " payloads were never freed\n";
  if (wrong.empty()) return std::nullopt;
  return "seed " + std::to_string(seed) + ":\n" + wrong + describe(*made);
}

std::string describe(const TortureGraph& torture) {
  std::ostringstream out;
  const graph::Graph& graph = *torture.graph;
  out << "  items " << graph.limits.items << " memory " << graph.limits.memory << " stop "
      << static_cast<int>(torture.stop) << " after " << torture.stop_after_us << " us\n";
  for (std::size_t i = 0; i < graph.stages.size(); ++i) {
    const GraphStage& stage = graph.stages[i];
    const Behaviour& behaviour = *std::static_pointer_cast<Behaviour>(stage.params);
    out << "  " << stage.name << " " << stage.spec->type << " x" << stage.concurrency;
    if (stage.queue) out << " queue " << *stage.queue;
    if (stage.is_ordered) out << " ordered";
    if (stage.retry.attempts > 1) out << " attempts " << stage.retry.attempts;
    if (stage.timeout) out << " timeout";
    if (behaviour.items > 0) out << " items " << behaviour.items;
    if (behaviour.need > 0) out << " need " << behaviour.need;
    if (behaviour.fail > 0) out << " fail " << behaviour.fail << "%";
    if (behaviour.drop > 0) out << " drop " << behaviour.drop << "%";
    if (behaviour.hang > 0) out << " hangs";
    if (behaviour.children > 0) out << " children " << behaviour.children;
    if (behaviour.members > 1) out << " members " << behaviour.members;
    if (stage.on_failure != graph::OnFailure::report) out << " on_failure " << static_cast<int>(stage.on_failure);
    for (const graph::OutputPort& port : stage.outputs) {
      out << " ->";
      for (const StageIndex reader : port.readers) out << " s" << reader;
    }
    if (!stage.failed_readers.empty()) {
      out << " failed->";
      for (const StageIndex reader : stage.failed_readers) out << " s" << reader;
    }
    out << "\n";
  }
  return out.str();
}

}  // namespace penstock::torture
