// The waiting room of a segment that does not take every piece at once: order, then a place in the queue, then a
// concurrency slot, then memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "framework/runtime/bunch.h"
#include "framework/runtime/order.h"
#include "framework/runtime/reservations.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Holds pieces until a slot is free. Each grant of a slot calls `start` once; whoever runs then takes pieces with
/// take(), in the order in which they came, and gives the slot back when they have left.
///
/// `queue` bounds the places: a piece without one stays with its sender (parked under the sender's Hold). Pieces that
/// come from a wait of this stage's own (order, retry) need no place.
///
/// A stage that declares what it needs has no more slots than there are workers, for memory that is reserved is to be
/// used at once. A piece that has to wait for it keeps its slot, and `start` is called again when it has it.
///
/// Invariants: (1) slots granted <= slots. (2) Places taken <= places. (3) Pieces are parked only while no place is
/// free. (4) Calls of `start` that have not led to take() yet: granted_ + ready_.size(). Thread safety: every member
/// from any thread; the callbacks are called without locks, but for that of the order.
class Inlet {
 public:
  struct Callbacks {
    std::function<void()> start;
    std::function<void(Piece*)> lose = {};  ///< See Reservations. Of a stage that declares what it needs.
  };
  /// As many slots as the stage's concurrency says, but for `most`.
  Inlet(RunState& run, StageRun& stage, Callbacks callbacks, std::uint32_t most = UINT32_MAX);

  /// Null: the stage is not ordered.
  OrderTracker* order() { return order_ ? &*order_ : nullptr; }
  /// Whether senders wait for places. Where pieces wait for their order first, they have arrived already.
  bool has_queue() const { return places_ && !order_; }

  /// Pieces from upstream. Deletes the bunch.
  void accept(Bunch* bunch, Hold* hold);
  /// A piece that has waited here already.
  void reenter(Piece* piece);
  enum class IfEmpty { free_slot, keep_slot };
  /// Under a granted slot, on a thread that may compute: as many pieces as there are and fit; one, if memory is
  /// reserved for it. None: the slot is given back, unless it is to be kept, or who waits for memory has it.
  std::uint32_t take(std::span<Piece*> into, IfEmpty if_empty = IfEmpty::free_slot);
  /// Grants a slot though nothing may wait. False: none is free.
  bool demand();
  /// Gives back slots whose work has ended.
  void free_slots(std::uint32_t slots);

  // Nothing in the run moves: payloads that wait here may be set aside, unless the stage declares no need.

  /// Adds them, but for that of `except`.
  void offer(const MemoryWaiter* except, std::vector<WaitingPayload>& found);
  /// False: it does not wait any more.
  bool claim(Piece* piece);
  /// Once for a piece that has been claimed, on a thread that may block.
  void set_aside(Piece* piece) { reservations_->set_aside(piece); }

 private:
  struct Parked {
    Piece* piece;
    Hold* hold;
  };
  void enqueue(Bunch* bunch, Hold* hold);
  std::uint32_t take_waiting(std::span<Piece*> into, IfEmpty if_empty);
  Piece* take_ready();
  /// A piece that had to wait for memory has it.
  void make_ready(Piece* piece);
  /// Grants slots for what waits. REQUIRES: mutex held. Returns how often to call `start`.
  std::uint32_t grant();
  void start(std::uint32_t times) const {
    for (std::uint32_t i = 0; i < times; ++i) start_();
  }

  observe::StageCounters& counters_;
  const std::optional<unsigned> places_;
  const std::function<void()> start_;
  std::optional<OrderTracker> order_;
  std::optional<Reservations> reservations_;
  std::mutex mutex_;
  std::deque<Piece*> waiting_;
  std::deque<Parked> parked_;
  std::deque<Piece*> ready_;  // Have a slot and what they need.
  std::uint32_t free_slots_;
  std::uint32_t free_places_;
  std::uint32_t granted_ = 0;  // Slots granted whose work has not yet called take().
};

}  // namespace penstock::runtime
