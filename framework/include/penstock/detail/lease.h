// The part of an admitted item that every piece of it shares and that stages may see.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "penstock/item.h"

namespace penstock::detail {

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

 protected:
  std::optional<SourceItem> item_;  // Payload and attributes go on to the first piece.
  std::uint64_t sequence_ = 0;
};

}  // namespace penstock::detail
