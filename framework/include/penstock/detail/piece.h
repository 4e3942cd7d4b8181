// What travels through the graph: a piece of an admitted item. For the runtime and the stage adapters, not for stages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/detail/lease.h"
#include "penstock/error.h"
#include "penstock/export.h"
#include "penstock/memory.h"
#include "penstock/payload.h"

namespace penstock::detail {

/// What a body decided about a piece.
enum class Verdict : std::uint8_t { emit, absorb, drop, fail, cancel };

/// Why an attempt failed.
struct Failure {
  std::string code;
  std::string message;
  Persistence persistence = Persistence::permanent;
  std::optional<std::chrono::milliseconds> retry_after;
  bool is_input_lost = false;  ///< Nothing is left that a reader of the failed port could be given.
};

/// What few pieces need, kept apart so that a piece stays small.
struct PieceExtra {
  std::string key;                  ///< Own key of a piece that several items were merged into; else empty.
  std::vector<Lease*> members;      ///< Further leases of a merged piece.
  std::vector<std::uint32_t> path;  ///< Emission numbers from the item down to this piece, from 1.
  Failure failure;
  std::string drop_reason;
  MemoryCharge charge;     ///< What the stage that the piece is in declared to need.
  bool has_grown = false;  ///< The asynchronous body that works on it has reserved memory.
};

/// One piece: the item itself, or what a stage derived from it. Owned by exactly one place at a time (a bunch, a
/// queue, a coroutine); whoever drops the last piece of a lease settles it.
struct Piece {
  Lease* lease = nullptr;
  Payload payload;
  Attributes attributes;
  std::unique_ptr<PieceExtra> extra;
  std::uint16_t port = 0;      ///< Output port chosen by the body.
  std::uint16_t attempts = 1;  ///< The attempt at the current stage that is going on, or comes next.
  Verdict verdict = Verdict::emit;
  bool is_child = false;   ///< Counts among the pieces that expansions may have alive.
  bool has_place = false;  ///< Occupies one of the `queue` places of the stage it waits for.

  PieceExtra& more() {
    if (!extra) extra = std::make_unique<PieceExtra>();
    return *extra;
  }
  void fail(Failure failure) {
    verdict = Verdict::fail;
    more().failure = std::move(failure);
  }
  void drop(std::string reason) {
    verdict = Verdict::drop;
    more().drop_reason = std::move(reason);
  }
};

/// The key that stages and reports see.
PENSTOCK_API const std::string& key_of(const Piece& piece);

/// Turns the exception in flight into the piece's verdict. REQUIRES: called in a catch block.
PENSTOCK_API void fail_from_current_exception(Piece& piece) noexcept;

}  // namespace penstock::detail
