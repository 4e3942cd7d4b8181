// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/collect_segment.h"

#include <algorithm>
#include <utility>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {

CollectSegment::CollectSegment(RunState& run, std::vector<StageRun*> stages)
    : Segment(run, std::move(stages)), max_delay_(first().body->max_delay()) {
  inlet_ = std::make_unique<Inlet>(run_, first(), Inlet::Callbacks{.start = [this] { run_.put(*this, nullptr); }}, 1);
}

bool CollectSegment::flush_stalled() { return ask(stall_is_asked_); }

bool CollectSegment::ask(std::atomic<bool>& is_asked) {
  // Counts as present until it is done, so that the segment does not close meanwhile.
  if (oldest_parked() == UINT64_MAX || !try_arrive()) return false;
  if (is_closing_.load(std::memory_order_acquire)) {
    forget_arrival();
    return false;
  }
  if (is_asked.exchange(true, std::memory_order_acq_rel)) {
    leave(1);
    return true;
  }
  if (inlet_->demand()) return true;
  if (is_asked.exchange(false, std::memory_order_acq_rel)) leave(1);
  return false;
}

void CollectSegment::watch_delay() {
  if (!max_delay_ || members_.empty() || delay_is_watched_.exchange(true, std::memory_order_acq_rel)) return;
  run_.loop().post([this, due = time_after(batch_began_, *max_delay_)] {
    run_.loop().call_at(due, [this] {
      delay_is_watched_.exchange(false, std::memory_order_acq_rel);
      if (ask(delay_is_asked_) || oldest_parked() == UINT64_MAX) return;
      // Somebody is at work. Either he sees this when he gives the slot back, or it is free already.
      delay_is_missed_.store(true, std::memory_order_release);
      if (ask(delay_is_asked_)) delay_is_missed_.store(false, std::memory_order_release);
    });
  });
}

void CollectSegment::resume(std::uint32_t slots) {
  inlet_->free_slots(slots);
  if (delay_is_missed_.exchange(false, std::memory_order_acq_rel)) ask(delay_is_asked_);
}

Bunch* CollectSegment::work(Bunch*) {
  std::array<Piece*, kBunchCapacity> pieces;
  const std::uint32_t count = inlet_->take(
      {pieces.data(), has_queued_target_ || inlet_->has_queue() ? 1 : pieces.size()}, Inlet::IfEmpty::keep_slot);
  Emitter emitter(*this);
  Hold* hold = has_queued_target_ ? new Hold(*this, 1) : nullptr;
  emitter.use_hold(hold);
  const std::uint64_t stalls = stall_is_asked_.exchange(false, std::memory_order_acq_rel) ? 1 : 0;
  const std::uint64_t delays = delay_is_asked_.exchange(false, std::memory_order_acq_rel) ? 1 : 0;
  // Before what comes now is added: the time of those who wait is up.
  if (is_overdue()) flush_body(emitter);
  for (std::uint32_t i = 0; i < count; ++i) add(pieces[i], emitter);
  if (stalls > 0 && !members_.empty() && count == 0) {
    first().counters.stalled_batches.fetch_add(1, std::memory_order_relaxed);
    flush_body(emitter);
  }
  if (run_.is_cancelled()) discard(emitter);
  note_oldest();
  watch_delay();
  emitter.flush();
  if (hold != nullptr) {
    hold->release();
  } else {
    resume(1);
  }
  if (stalls + delays > 0) leave(stalls + delays);
  return nullptr;
}

bool CollectSegment::is_overdue() const {
  return max_delay_ && !members_.empty() && run_.loop().now() >= time_after(batch_began_, *max_delay_);
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
  if (members_.empty()) batch_began_ = began;
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
  is_closing_.store(true, std::memory_order_relaxed);
  arrive_at_close();  // It must not see 0 again while the last batch leaves.
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
