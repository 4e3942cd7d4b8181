// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/emitter.h"

#include <memory>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {
namespace {

/// A copy for one more reader: same leases, same place in the order, shared payload.
Piece* copy_of(const Piece& piece) {
  auto copy = std::make_unique<Piece>();
  copy->lease = piece.lease;
  copy->payload = piece.payload;
  copy->attributes = piece.attributes;
  if (piece.extra) {
    auto& extra = copy->more();
    extra.key = piece.extra->key;
    extra.members = piece.extra->members;
    extra.path = piece.extra->path;
  }
  return copy.release();
}

void expect(const Piece& piece, const std::vector<std::pair<OrderTracker*, int>>& changes) {
  if (changes.empty()) return;
  const OrderKey key = order_key_of(piece);
  for (const auto& [tracker, change] : changes) tracker->expect(key, change);
}

}  // namespace

void Emitter::append(Segment* target, Piece* piece) {
  for (std::size_t i = 0; i < open_count_; ++i) {
    Open& open = open_[i];
    if (open.target != target) continue;
    open.bunch->push(piece);
    if (open.bunch->is_full()) {
      target->accept(open.bunch, hold_);
      open = open_[--open_count_];
    }
    return;
  }
  if (open_count_ == open_.size()) {
    --open_count_;
    open_[open_count_].target->accept(open_[open_count_].bunch, hold_);
  }
  open_[open_count_] = {target, new Bunch};
  open_[open_count_++].bunch->push(piece);
}

void Emitter::send(Piece* piece, const OutputPlan& plan) {
  if (plan.targets.empty()) {
    retire(piece, Outcome::done);
    return;
  }
  ++gone_;
  piece->port = 0;
  expect(*piece, plan.expected_change);
  const std::size_t copies = plan.targets.size() - 1;
  if (copies > 0)
    for_each_lease(*piece, [&](RunLease& lease) { lease.add_pieces(static_cast<std::uint32_t>(copies)); });
  for (std::size_t i = 0; i < copies; ++i) append(plan.targets[i], copy_of(*piece));
  append(plan.targets[copies], piece);
}

void Emitter::retire(Piece* piece, Outcome outcome) {
  ++gone_;
  if (!from_.reach_.empty()) {
    const OrderKey key = order_key_of(*piece);
    for (OrderTracker* tracker : from_.reach_) tracker->expect(key, -1);
  }
  settlement_.children += piece->is_child ? 1 : 0;
  RunLease& own = lease_of(*piece);
  std::vector<detail::Lease*> members;
  if (piece->extra) members = std::move(piece->extra->members);
  if (piece != &own.first) {
    delete piece;
  } else if (!own.has_one_piece()) {
    // Its storage stays until the lease settles; what it holds does not.
    piece->payload = Payload();
    piece->attributes = Attributes();
    piece->extra.reset();
  }
  end(own, outcome);
  for (detail::Lease* member : members) end(static_cast<RunLease&>(*member), outcome);
}

void Emitter::end(RunLease& lease, Outcome outcome) {
  if (outcome != Outcome::done) lease.raise(outcome);
  if (!lease.remove_piece()) return;
  ++settlement_.items[static_cast<std::size_t>(lease.outcome())];
  delete &lease;
}

Bunch* Emitter::flush() {
  Bunch* by_edge = nullptr;
  for (std::size_t i = 0; i < open_count_; ++i) {
    if (from_.edge != nullptr && open_[i].target == from_.edge && by_edge == nullptr) {
      by_edge = open_[i].bunch;
      open_[i].target->arrive(by_edge->size);
    } else {
      open_[i].target->accept(open_[i].bunch, hold_);
    }
  }
  open_count_ = 0;
  // Settle before leaving: the last to leave ends the run, and the report must see every item.
  from_.run_.settle(settlement_);
  settlement_ = {};
  if (gone_ > 0) from_.leave(std::exchange(gone_, 0));
  return by_edge;
}

}  // namespace penstock::runtime
