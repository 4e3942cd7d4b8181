// The waiting room of a segment that does not take every piece at once: order, then memory, then a place in the queue,
// then a concurrency slot.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "framework/runtime/bunch.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Holds pieces until a slot is free. Each grant of a slot calls `start` once; whoever runs then takes pieces with
/// take(), in the order in which they came, and gives the slot back when they have left.
///
/// `queue` bounds the places: a piece without one stays with its sender (parked under the sender's Hold). Pieces that
/// come from a wait of this stage's own (order, memory, retry) need no place.
///
/// Invariants: (1) slots granted <= slots. (2) Places taken <= places. (3) Pieces are parked only while no place is
/// free. Thread safety: every member from any thread; `start` is called without locks.
class Inlet {
 public:
  Inlet(observe::StageCounters& counters, std::uint32_t slots, std::optional<unsigned> places,
        std::function<void()> start)
      : counters_(counters),
        free_slots_(slots),
        places_(places),
        free_places_(places.value_or(0)),
        start_(std::move(start)) {}

  bool has_queue() const { return places_.has_value(); }
  bool has_free_slot() const {
    const std::scoped_lock lock(mutex_);
    return free_slots_ > 0;
  }

  /// Pieces from upstream. Deletes the bunch.
  void enqueue(Bunch* bunch, Hold* hold);
  /// A piece that has waited here already.
  void enqueue_uncounted(Piece* piece);
  enum class IfEmpty { free_slot, keep_slot };
  /// Under a granted slot: as many pieces as there are and fit. None: the slot is given back, unless it is to be kept.
  std::uint32_t take(std::span<Piece*> into, IfEmpty if_empty = IfEmpty::free_slot);
  /// Grants a slot though nothing may wait. False: none is free.
  bool demand();
  /// Gives back slots whose work has ended.
  void free_slots(std::uint32_t slots);

 private:
  struct Parked {
    Piece* piece;
    Hold* hold;
  };
  /// Grants slots for what waits. REQUIRES: mutex held. Returns how often to call `start`.
  std::uint32_t grant();
  void start(std::uint32_t times) const {
    for (std::uint32_t i = 0; i < times; ++i) start_();
  }

  observe::StageCounters& counters_;
  mutable std::mutex mutex_;
  std::deque<Piece*> waiting_;
  std::deque<Parked> parked_;
  std::uint32_t free_slots_;
  std::uint32_t granted_ = 0;  // Slots granted whose work has not yet called take().
  const std::optional<unsigned> places_;
  std::uint32_t free_places_;
  const std::function<void()> start_;
};

}  // namespace penstock::runtime
