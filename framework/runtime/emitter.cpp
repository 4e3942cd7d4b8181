// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/emitter.h"

#include <algorithm>
#include <memory>
#include <vector>

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

ItemOutcome public_outcome(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return ItemOutcome::done;
    case Outcome::dropped:
      return ItemOutcome::dropped;
    case Outcome::cancelled:
      return ItemOutcome::cancelled;
    case Outcome::failed:
      break;
  }
  return ItemOutcome::failed;
}

void expect(const Piece& piece, const std::vector<std::pair<OrderTracker*, int>>& changes) {
  if (changes.empty()) return;
  const OrderKey key = order_key_of(piece);
  for (const auto& [tracker, change] : changes) tracker->expect(key, change);
}

}  // namespace

Emitter::Open& Emitter::open_for(Segment* target) {
  for (std::size_t i = 0; i < open_count_; ++i) {
    Open& open = open_[i];
    if (open.target != target) continue;
    if (open.bunch->is_full()) {
      target->accept(open.bunch, hold_);
      open.bunch = new Bunch;
    }
    return open;
  }
  if (open_count_ == open_.size()) {
    --open_count_;
    open_[open_count_].target->accept(open_[open_count_].bunch, hold_);
  }
  open_[open_count_] = {target, new Bunch};
  return open_[open_count_++];
}

void Emitter::append(Segment* target, std::span<Piece* const> pieces) {
  while (!pieces.empty()) {
    Bunch& bunch = *open_for(target).bunch;
    const std::size_t fitting = std::min(pieces.size(), kBunchCapacity - bunch.size);
    std::copy_n(pieces.begin(), fitting, bunch.pieces.begin() + bunch.size);
    bunch.size += static_cast<std::uint32_t>(fitting);
    pieces = pieces.subspan(fitting);
  }
}

void Emitter::send_copies(Piece* piece, const OutputPlan& plan) {
  expect(*piece, plan.expected_change);
  const std::size_t copies = plan.targets.size() - 1;
  for_each_lease(*piece, [&](RunLease& lease) { lease.add_pieces(static_cast<std::uint32_t>(copies)); });
  for (std::size_t i = 0; i < copies; ++i) {
    Piece* copy = copy_of(*piece);
    append(plan.targets[i], {&copy, 1});
  }
  append(plan.targets[copies], {&piece, 1});
}

void Emitter::send(std::span<Piece* const> pieces, const OutputPlan& plan) {
  if (plan.targets.empty()) return finish(pieces);
  gone_ += pieces.size();
  for (Piece* piece : pieces) piece->port = 0;
  if (plan.targets.size() == 1 && plan.expected_change.empty()) {
    append(plan.targets.front(), pieces);
  } else {
    for (Piece* piece : pieces) send_copies(piece, plan);
  }
}

void Emitter::finish(std::span<Piece* const> pieces) {
  const bool is_unordered = from_.reach_.empty();
  for (Piece* piece : pieces) {
    RunLease& own = lease_of(*piece);
    // As most do: nothing but its lease is to be seen to.
    const bool is_whole_item = piece == &own.first && own.has_one_piece() && !piece->extra && !piece->is_child;
    if (!is_whole_item || !is_unordered || own.watcher() != nullptr) {
      retire(piece, Outcome::done);
      continue;
    }
    ++gone_;
    ++settlement_.items[static_cast<std::size_t>(own.outcome())];
    delete &own;
  }
}

void Emitter::retire(Piece* piece, Outcome outcome) {
  ++gone_;
  RunLease& own = lease_of(*piece);
  if (!from_.reach_.empty()) {
    const OrderKey key = order_key_of(*piece);
    for (OrderTracker* tracker : from_.reach_) tracker->expect(key, -1);
  }
  settlement_.children += piece->is_child ? 1 : 0;
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
  if (lease.watcher() != nullptr) lease.watcher()->settled(public_outcome(lease.outcome()));
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
