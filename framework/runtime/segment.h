// A segment: the stages that work as one node of the running graph, with what all kinds of them share: where their
// output goes, when they close, what becomes of pieces that fail.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "framework/graph/graph.h"
#include "framework/observe/stage_counters.h"
#include "framework/runtime/bunch.h"
#include "framework/runtime/executor.h"
#include "framework/runtime/lease.h"
#include "framework/runtime/order.h"

namespace penstock::runtime {

class Emitter;
class Hold;
class Inlet;
class RunState;
class Segment;

/// Whoever stops producing until what it sent has found a place.
class Producer {
 public:
  /// Everything sent under a Hold has a place: `slots` are free again.
  virtual void resume(std::uint32_t slots) = 0;

 protected:
  ~Producer() = default;
};

/// One stage of the run.
struct StageRun {
  explicit StageRun(const graph::GraphStage& stage) : spec(&stage), own_counters(stage.spec->counters.size()) {}

  const graph::GraphStage* spec;
  std::unique_ptr<detail::StageBody> body;
  observe::StageCounters counters;
  observe::OwnCounters own_counters;  ///< In the order of the declaration.

  /// Nothing needs a piece's input once its body has begun.
  bool may_move() const { return spec->retry.attempts <= 1 && spec->failed_readers.empty(); }
};

/// Where the pieces of one port go, and what that means for the ordered stages further on.
struct OutputPlan {
  std::vector<Segment*> targets;                               ///< None: the pieces are done.
  std::vector<std::pair<OrderTracker*, int>> expected_change;  ///< Copies that can still reach it, minus one.
};

/// Life: made → connected → accept … → closed once, when every upstream segment has closed and no piece is left.
///
/// Invariants: (1) `holds_` counts upstream segments that are open, plus pieces that were accepted and have not left.
/// Whoever sends a piece on adds it there before he takes it off here. (2) At 0 the segment closes, once.
class Segment : public Node, public Producer {
 public:
  Segment(RunState& run, std::vector<StageRun*> stages);
  ~Segment() override;

  /// Takes over pieces and the bunch. `hold` (may be null) is the sender's concurrency slot, kept while pieces wait for
  /// a place in the queue here.
  void accept(Bunch* bunch, Hold* hold);
  /// True when a bunch may come by the node's edge: nothing stands between arrival and work.
  virtual bool is_direct() const { return inlet_ == nullptr; }
  /// Slots of its own are free again.
  void resume(std::uint32_t slots) override;
  /// Where pieces wait before they are worked on. Null: nowhere.
  Inlet* inlet() { return inlet_.get(); }
  /// Nothing in the run moves: a collector gives out what it has. False: it has nothing.
  virtual bool flush_stalled() { return false; }
  /// Smallest item number parked in a collector.
  virtual std::uint64_t oldest_parked() const { return UINT64_MAX; }
  /// The run was cancelled.
  virtual void cancel() {}
  /// Pieces per bunch that this segment works through in about 100 us.
  virtual std::size_t grain() const { return kBunchCapacity; }

  Bunch* run(Bunch* message) final;

  void arrive(std::uint64_t pieces) { holds_.fetch_add(pieces, std::memory_order_relaxed); }
  void leave(std::uint64_t pieces);
  /// False: the segment closes already.
  bool try_arrive() {
    std::uint64_t n = holds_.load(std::memory_order_relaxed);
    while (n != 0 && !holds_.compare_exchange_weak(n, n + 1, std::memory_order_acq_rel)) {
    }
    return n != 0;
  }
  /// By a segment that closes; who sees it by try_arrive() sees all that was written before.
  void arrive_at_close() { holds_.fetch_add(1, std::memory_order_release); }
  void forget_arrival() { holds_.fetch_sub(1, std::memory_order_relaxed); }

  std::vector<StageRun*> stages_;
  std::vector<OutputPlan> outputs_;   ///< By port of the last stage.
  OutputPlan failed_output_;          ///< Of the last stage's `failed` port.
  std::vector<Segment*> downstream_;  ///< Every target, each once.
  std::vector<OrderTracker*> reach_;  ///< Ordered stages that a piece in a body here can still reach.
  bool has_queued_target_ = false;

  StageRun& first() { return *stages_.front(); }
  StageRun& last() { return *stages_.back(); }

 protected:
  /// Does the work; returns a bunch for the edge, or null.
  virtual Bunch* work(Bunch* message) = 0;
  /// Runs before the bodies close, on the thread on which they close; may emit. False: it waits for the gate, and
  /// begin_close() begins anew when that opens.
  virtual bool flush_at_close() { return true; }
  /// True when bodies open, run and close on the event loop.
  virtual bool lives_on_loop() const { return false; }

  /// Decides about a piece whose body did not emit: retry, failed port, drop, report.
  void settle_exception(Piece* piece, StageRun& stage, Emitter& emitter);
  /// For a piece that has failed before its body: its slot is free again.
  void settle_waiting(Piece* piece);
  /// Closes the source or the rest of the segment: what `holds_` at 0 does.
  void begin_close();

  RunState& run_;
  std::unique_ptr<Inlet> inlet_;

 private:
  friend class Emitter;
  void finish_close();

  std::atomic<std::uint64_t> holds_{0};
};

/// Keeps a concurrency slot of its producer until every piece that was sent under it has a place in the consumer's
/// queue. Counts: one for the sender while it sends, one per piece that waits. Thread safety: any thread.
class Hold {
 public:
  Hold(Producer& producer, std::uint32_t slots) : producer_(producer), slots_(slots) {}
  void add() { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    producer_.resume(slots_);
    delete this;
  }

 private:
  Producer& producer_;
  std::uint32_t slots_;
  std::atomic<std::uint32_t> count_{1};
};

}  // namespace penstock::runtime
