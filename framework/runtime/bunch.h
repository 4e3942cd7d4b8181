// The message between oneTBB nodes: a bunch of pieces that travel together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "penstock/detail/piece.h"
#include "penstock/units.h"

namespace penstock::runtime {

inline constexpr std::size_t kBunchCapacity = 64;
/// Work on a bunch after which what is finished is handed on.
inline constexpr Duration kSlice = std::chrono::microseconds(100);
/// Work between two looks at the clock and at the cancel flag.
inline constexpr Duration kStrip = std::chrono::microseconds(2);

/// Up to 64 pieces. Owned by whoever holds the pointer; the nodes never keep, copy or drop one, for no edge ends in a
/// node that rejects.
struct Bunch {
  std::uint32_t size = 0;
  void* resumed = nullptr;  ///< Instead of pieces: work that goes on; the node knows what it is.
  std::array<detail::Piece*, kBunchCapacity> pieces;

  bool is_full() const { return size == kBunchCapacity; }
  void push(detail::Piece* piece) { pieces[size++] = piece; }
  std::span<detail::Piece*> span() { return {pieces.data(), size}; }
};

}  // namespace penstock::runtime
