// The part of an admitted item that every piece of it shares and that stages may see.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/item.h"
#include "penstock/item_outcome.h"

namespace penstock::detail {

struct Piece;

/// Told what becomes of one item. Called by the runtime; no call may block or throw.
///
/// Thread safety: all members from any thread; settled() comes once, after all others, and `this` may end in it.
class ItemWatcher {
 public:
  /// The piece has reached the host's end of the pipeline, which shares its payload.
  virtual void piece_delivered(const Piece& piece) noexcept = 0;
  /// The piece was dropped, or failed and nothing handled that, in the stage of this name.
  virtual void piece_lost(const Piece& piece, std::string_view stage) noexcept = 0;
  virtual void settled(ItemOutcome outcome) noexcept = 0;

 protected:
  ~ItemWatcher() = default;
};

/// Identity of one admitted item. The runtime derives its token and acknowledgement from it; a test runner uses it as
/// it is. Thread safety: immutable while pieces exist.
class Lease {
 public:
  /// Holds what `make` returns, an optional SourceItem, without moving it: to move a key costs more than all else that
  /// is done here.
  template <class Make>
  explicit Lease(Make make) : item_(make()) {}

  /// False: the source had no more items, and this is no lease.
  bool has_item() const { return item_.has_value(); }
  const std::string& key() const { return item_->key; }
  /// Admission number, run-wide, given at the gate.
  std::uint64_t sequence() const { return sequence_; }
  /// Null for most items.
  ItemWatcher* watcher() const { return item_->watcher; }

 protected:
  std::optional<SourceItem> item_;  // Payload and attributes go on to the first piece.
  std::uint64_t sequence_ = 0;
};

}  // namespace penstock::detail
