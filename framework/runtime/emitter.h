// What one piece of work sends on, bunch by bunch, and the items that it settles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Items settled and children gone, added up so that the run's counters and the budget are touched once per bunch.
struct Settlement {
  std::array<std::uint64_t, 4> items{};  ///< By Outcome.
  std::uint64_t children = 0;
};

/// Lives on the stack of one piece of work. Pieces are sent or retired; flush() hands everything over and only then
/// takes the pieces off their segment. Thread safety: none needed.
class Emitter {
 public:
  explicit Emitter(Segment& from) : from_(from) {}
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  ~Emitter() = default;  // REQUIRES: flushed.

  /// Sent pieces are kept back to be handed over under this hold.
  void use_hold(Hold* hold) { hold_ = hold; }

  /// Sends pieces to every reader of a port; without readers they are done.
  void send(std::span<Piece* const> pieces, const OutputPlan& plan);
  void send(Piece* piece, const OutputPlan& plan) { send({&piece, 1}, plan); }
  /// Ends a piece here.
  void retire(Piece* piece, Outcome outcome);
  /// A piece leaves without being sent or retired: a collector keeps it as a member.
  void absorb() { ++gone_; }

  /// A bunch for the edge of the segment, if its target is there, else null.
  Bunch* flush();

 private:
  struct Open {
    Segment* target;
    Bunch* bunch;
  };
  Open& open_for(Segment* target);
  void append(Segment* target, std::span<Piece* const> pieces);
  void send_copies(Piece* piece, const OutputPlan& plan);
  void finish(std::span<Piece* const> pieces);
  void end(RunLease& lease, Outcome outcome);

  Segment& from_;
  Hold* hold_ = nullptr;
  Settlement settlement_;
  std::uint64_t gone_ = 0;  // Pieces that leave the segment.
  std::array<Open, 4> open_{};
  std::size_t open_count_ = 0;
};

}  // namespace penstock::runtime
