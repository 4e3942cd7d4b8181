// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/collect_segment.h"

#include <algorithm>
#include <utility>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {

CollectSegment::CollectSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {
  inlet_ = std::make_unique<Inlet>(run_, first(), Inlet::Callbacks{.start = [this] { run_.put(*this, nullptr); }}, 1);
}

bool CollectSegment::flush_stalled() {
  // Counts as present until it is done, so that the segment does not close meanwhile.
  if (oldest_parked() == UINT64_MAX || !try_arrive()) return false;
  if (flush_is_wanted_.exchange(true, std::memory_order_acq_rel)) {
    leave(1);
    return true;
  }
  if (inlet_->demand()) return true;
  if (flush_is_wanted_.exchange(false, std::memory_order_acq_rel)) leave(1);
  return false;
}

Bunch* CollectSegment::work(Bunch*) {
  std::array<Piece*, kBunchCapacity> pieces;
  const std::uint32_t count = inlet_->take(
      {pieces.data(), has_queued_target_ || inlet_->has_queue() ? 1 : pieces.size()}, Inlet::IfEmpty::keep_slot);
  Emitter emitter(*this);
  Hold* hold = has_queued_target_ ? new Hold(*this, 1) : nullptr;
  emitter.use_hold(hold);
  for (std::uint32_t i = 0; i < count; ++i) add(pieces[i], emitter);
  const bool was_asked = flush_is_wanted_.exchange(false, std::memory_order_acq_rel);
  if (was_asked && !members_.empty() && count == 0) {
    first().counters.stalled_batches.fetch_add(1, std::memory_order_relaxed);
    flush_body(emitter);
  }
  if (run_.is_cancelled()) discard(emitter);
  note_oldest();
  emitter.flush();
  if (hold != nullptr) {
    hold->release();
  } else {
    inlet_->free_slots(1);
  }
  if (was_asked) leave(1);
  return nullptr;
}

void CollectSegment::add(Piece* piece, Emitter& emitter) {
  StageRun& stage = first();
  if (run_.is_cancelled()) {
    stage.counters.cancelled.fetch_add(1, std::memory_order_relaxed);
    emitter.retire(piece, Outcome::cancelled);
    return;
  }
  observe::FlowCells& flow = stage.counters.flow();
  flow.in.fetch_add(1, std::memory_order_relaxed);
  flow.bytes_in.fetch_add(piece->payload.bytes(), std::memory_order_relaxed);
  StageContext context(run_, stage.spec->name);
  Piece merged;
  merged.lease = piece->lease;
  const TimePoint began = run_.loop().now();
  const bool is_complete = stage.body->add(*piece, merged, context);
  const Duration spent = run_.loop().now() - began;
  flow.busy_ns.fetch_add(static_cast<std::uint64_t>(spent.count()), std::memory_order_relaxed);
  flow.latency.add(spent, 1);
  if (piece->verdict != Verdict::emit) {
    settle_exception(piece, stage, emitter);
    return;
  }
  // The body has what it needs of the payload; only the lease waits.
  piece->payload = Payload();
  if (std::exchange(piece->is_child, false)) run_.budget().release_children(1);
  members_.push_back(piece);
  emitter.absorb();
  if (is_complete) emit(std::move(merged), emitter);
}

void CollectSegment::flush_body(Emitter& emitter) {
  StageContext context(run_, first().spec->name);
  Piece merged;
  merged.lease = members_.front()->lease;  // The key that the body sees.
  first().body->flush(merged, context);
  emit(std::move(merged), emitter);
}

void CollectSegment::emit(Piece merged, Emitter& emitter) {
  StageRun& stage = first();
  // In the order of pieces a batch stands where its first member does.
  const auto least = std::min_element(members_.begin(), members_.end(), [](const Piece* a, const Piece* b) {
    return order_key_of(*a) < order_key_of(*b);
  });
  const std::string key = detail::key_of(*members_.front());
  std::swap(*least, members_.front());
  Piece* piece = members_.front();
  for (std::size_t i = 1; i < members_.size(); ++i) {
    Piece* member = members_[i];
    const OrderKey place = order_key_of(*member);
    for (OrderTracker* tracker : reach_) tracker->expect(place, -1);
    auto& leases = piece->more().members;
    leases.push_back(member->lease);
    if (member->extra) {
      leases.insert(leases.end(), member->extra->members.begin(), member->extra->members.end());
    }
    if (member == &lease_of(*member).first) {
      member->attributes = Attributes();
      member->extra.reset();
    } else {
      delete member;
    }
  }
  members_.clear();
  if (detail::key_of(*piece) != key) piece->more().key = key;
  piece->payload = std::move(merged.payload);
  piece->attributes = std::move(merged.attributes);
  piece->verdict = merged.verdict;
  if (merged.extra) {
    piece->more().failure = std::move(merged.extra->failure);
    piece->more().drop_reason = std::move(merged.extra->drop_reason);
  }
  arrive(1);  // As a member it had left.
  if (piece->verdict != Verdict::emit) {
    piece->more().failure.is_input_lost = true;  // The members are one piece now, without their payloads.
    settle_exception(piece, stage, emitter);
    return;
  }
  observe::FlowCells& flow = stage.counters.flow();
  flow.out.fetch_add(1, std::memory_order_relaxed);
  flow.bytes_out.fetch_add(piece->payload.bytes(), std::memory_order_relaxed);
  emitter.send(piece, outputs_[0]);
}

void CollectSegment::discard(Emitter& emitter) {
  for (Piece* member : members_) {
    arrive(1);
    first().counters.cancelled.fetch_add(1, std::memory_order_relaxed);
    emitter.retire(member, Outcome::cancelled);
  }
  members_.clear();
}

void CollectSegment::note_oldest() {
  std::uint64_t oldest = UINT64_MAX;
  for (const Piece* member : members_) oldest = std::min(oldest, lease_of(*member).sequence());
  oldest_.store(oldest, std::memory_order_release);
}

bool CollectSegment::flush_at_close() {
  if (members_.empty()) return true;
  arrive(1);  // The segment closes already: it must not see 0 again while the last batch leaves.
  Emitter emitter(*this);
  if (run_.is_cancelled()) {
    discard(emitter);
  } else {
    flush_body(emitter);
  }
  note_oldest();
  emitter.flush();
  forget_arrival();
  return true;
}

}  // namespace penstock::runtime
