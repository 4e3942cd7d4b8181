// The last part of the waiting room: pieces that have a concurrency slot wait for the memory that their stage declares
// to need.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "framework/runtime/memory_line.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

class Reservations;

/// A payload that waits in front of a stage and could be set aside on disk.
struct WaitingPayload {
  OrderKey place;
  std::uint64_t bytes;  ///< That would be free.
  Inlet* inlet;
  Piece* piece;
};

/// Measures pieces and reserves what they need. While nothing moves in the run, what a piece carries may be set aside
/// on disk, whether it waits for memory here or still for a slot in front; it is read back with its reservation.
///
/// In front of an ordered stage one piece after the other gets its memory, so that they enter in order.
/// Thread safety: every member from any thread; the callbacks are called without locks.
class Reservations {
 public:
  struct Callbacks {
    std::function<void(Piece*)> enter;  ///< A piece that had to wait has what it needs now.
    std::function<void(Piece*)> lose;   ///< A piece whose payload could not be read back; it has failed.
  };
  Reservations(RunState& run, StageRun& stage, Callbacks callbacks);
  ~Reservations();

  /// For a piece that has got its slot, on a thread that may compute. False: one of the callbacks will be called.
  bool reserve(Piece* piece);

  // Setting aside. A piece is claimed first; it is then set aside on a thread that may block.

  /// Adds the payloads that wait here for `inlet`, but for that of `except`.
  void offer(Inlet& inlet, const MemoryWaiter* except, std::vector<WaitingPayload>& found) const;
  /// Whether a piece that waits in front could be. REQUIRES, as the next: it cannot leave meanwhile.
  bool may_be_set_aside(const Piece* piece) const;
  /// False: it has been claimed before.
  bool claim_in_front(Piece* piece);
  /// False: it does not wait here, or not any more.
  bool claim(Piece* piece);
  void set_aside(Piece* piece);

 private:
  enum class WaitState : std::uint8_t {
    in_front,  // Has not asked yet.
    asking,    // In the line for memory, or on its way into it or out of it.
    claimed,   // Is being set aside.
  };
  class Wait;

  /// The wait of a piece, or null. REQUIRES: mutex held.
  Wait* find(const Piece* piece) const;
  /// REQUIRES: mutex held, and the piece has none.
  Wait& add(Piece* piece, WaitState state);
  /// False: it will enter later.
  bool ask(Wait& wait);
  std::uint64_t measure(Piece* piece) const;
  /// Ends a piece's wait.
  void take(Piece* piece, MemoryCharge charge);
  void enter(Piece* piece, MemoryCharge charge);
  void lose(Piece* piece, const std::string& why);
  void call_next();

  RunState& run_;
  StageRun& stage_;
  const Callbacks callbacks_;
  mutable std::mutex mutex_;  // May be held when the budget is locked, and not the other way round.
  std::vector<std::unique_ptr<Wait>> waits_;
  std::deque<Wait*> line_;  // Of an ordered stage: who has a slot. The first has asked, or has just gone.
};

}  // namespace penstock::runtime
