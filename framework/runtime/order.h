// Admission order in front of an ordered stage, without gaps: pieces that are dropped, fail, multiply or take another
// way are accounted for, so that nobody waits for a piece that cannot come.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "penstock/detail/piece.h"

namespace penstock::runtime {

/// Place of a piece in the run-wide order: the number of its item, then emission numbers down the expansions.
struct OrderKey {
  std::uint64_t sequence = 0;
  std::vector<std::uint32_t> path;
  friend auto operator<=>(const OrderKey&, const OrderKey&) = default;
};
OrderKey order_key_of(const detail::Piece& piece);

/// What one ordered stage knows. Every piece that can still reach the stage is expected, under its key, from its
/// admission until it passes or goes where the stage cannot be reached.
///
/// An arrived piece passes when nothing with a smaller key is expected. Invariant: the keys expected are those of live
/// pieces, plus for each running expansion the key of the child that it would emit next.
/// Thread safety: every member from any thread. `pass` is called with the tracker locked, in order; it must not call
/// back.
class OrderTracker {
 public:
  explicit OrderTracker(std::function<void(detail::Piece*)> pass) : pass_(std::move(pass)) {}

  void expect(const OrderKey& key, int pieces);  ///< More pieces under this key can come, or fewer (negative).
  void arrive(detail::Piece* piece);

 private:
  void advance();

  std::mutex mutex_;
  std::map<OrderKey, std::uint32_t> expected_;
  std::multimap<OrderKey, detail::Piece*> arrived_;
  std::function<void(detail::Piece*)> pass_;
};

}  // namespace penstock::runtime
