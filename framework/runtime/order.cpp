// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/order.h"

#include "framework/runtime/lease.h"
#include "framework/runtime/order_pass.h"

namespace penstock::runtime {
namespace {

thread_local int passes_on_this_thread = 0;

}  // namespace

bool is_passing_in_order() { return passes_on_this_thread > 0; }

OrderKey order_key_of(const detail::Piece& piece) {
  OrderKey key{lease_of(piece).sequence(), {}};
  if (piece.extra) key.path = piece.extra->path;
  return key;
}

void OrderTracker::expect(const OrderKey& key, int pieces) {
  if (pieces == 0) return;
  const std::scoped_lock lock(mutex_);
  std::uint32_t& count = expected_[key];
  count += static_cast<std::uint32_t>(pieces);
  if (count == 0) expected_.erase(key);
  if (pieces < 0) advance();
}

void OrderTracker::arrive(detail::Piece* piece) {
  const std::scoped_lock lock(mutex_);
  arrived_.emplace(order_key_of(*piece), piece);
  advance();
}

void OrderTracker::advance() {
  while (!arrived_.empty() && arrived_.begin()->first <= expected_.begin()->first) {
    detail::Piece* piece = arrived_.begin()->second;
    const auto entry = expected_.begin();
    arrived_.erase(arrived_.begin());
    if (--entry->second == 0) expected_.erase(entry);
    ++passes_on_this_thread;
    pass_(piece);
    --passes_on_this_thread;
  }
}

}  // namespace penstock::runtime
