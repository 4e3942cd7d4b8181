// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/expand_segment.h"

#include "framework/runtime/run_state.h"

namespace penstock::runtime {

/// One expansion: it is resumed by a message, as long as there is something to emit.
class ExpandSegment::Expanding final : public Waiter, public Producer {
 public:
  Expanding(ExpandSegment& segment, Piece* parent) : segment_(segment), parent_(parent) {
    place = order_key_of(*parent);
    StageContext context(segment.run_, segment.first().spec->name);
    expansion_ = segment.first().body->expand(*parent, context);
    expect_child(1, 1);
    expect_parent(-1);
    began_ = segment.run_.loop().now();
    segment.first().counters.enter(1);
    observe::FlowCells& flow = segment.first().counters.flow();
    flow.in.fetch_add(1, std::memory_order_relaxed);
    flow.bytes_in.fetch_add(parent->payload.bytes(), std::memory_order_relaxed);
  }

  /// Emits until something is missing. Deletes this at the end; else whoever brings what is missing resumes it, perhaps
  /// before this returns.
  void go_on();

  /// A permit came after a wait.
  void wake() noexcept override {
    has_permit_ = true;
    segment_.resume_later(*this);
  }
  void resume(std::uint32_t /*slots*/) override { segment_.resume_later(*this); }

 private:
  bool emit_child(Emitter& emitter);
  /// `begin`: since when it is at work this time.
  void end(Emitter& emitter, TimePoint begin);

  // In the order of pieces the expansion stands where its next child would.
  void expect_child(std::uint32_t number, int change) const {
    if (segment_.reach_.empty()) return;
    OrderKey key = order_key_of(*parent_);
    key.path.push_back(number);
    for (OrderTracker* tracker : segment_.reach_) tracker->expect(key, change);
  }
  void expect_parent(int change) const {
    for (OrderTracker* tracker : segment_.reach_) tracker->expect(order_key_of(*parent_), change);
  }

  ExpandSegment& segment_;
  Piece* parent_;
  std::unique_ptr<detail::Expansion> expansion_;
  std::uint32_t emitted_ = 0;
  bool has_permit_ = false;
  TimePoint began_;
  Duration busy_{};
};

void ExpandSegment::Expanding::go_on() {
  ExpandSegment& segment = segment_;
  Budget& budget = segment.run_.budget();
  Emitter emitter(segment);
  const TimePoint begin = segment.run_.loop().now();
  for (;;) {
    if (segment.run_.is_cancelled()) return end(emitter, begin);
    if (!has_permit_ && !budget.try_take_child()) {
      // From take_child() on another thread may be at work on this.
      emitter.flush();
      busy_ += segment.run_.loop().now() - begin;
      if (!budget.take_child(*this)) return;
    }
    has_permit_ = true;
    if (!segment.has_queued_target_) {
      if (!emit_child(emitter)) return end(emitter, begin);
      if (segment.run_.loop().now() - begin < kSlice) continue;
      emitter.flush();
      busy_ += segment.run_.loop().now() - begin;
      return segment.resume_later(*this);
    }
    auto* hold = new Hold(*this, 0);
    emitter.use_hold(hold);
    const bool is_over = !emit_child(emitter);
    emitter.flush();
    if (is_over) {
      delete hold;  // Nothing was sent under it.
      emitter.use_hold(nullptr);
      return end(emitter, begin);
    }
    busy_ += segment.run_.loop().now() - begin;
    return hold->release();
  }
}

bool ExpandSegment::Expanding::emit_child(Emitter& emitter) {
  StageRun& stage = segment_.first();
  auto* child = new Piece;
  child->lease = parent_->lease;
  child->attributes = parent_->attributes;
  if (parent_->extra) {
    child->more().key = parent_->extra->key;
    child->extra->members = parent_->extra->members;
    child->extra->path = parent_->extra->path;
  }
  child->more().path.push_back(emitted_ + 1);
  StageContext context(segment_.run_, stage.spec->name);
  if (!expansion_ || !expansion_->next(*child, context)) {
    delete child;
    return false;
  }
  ++emitted_;
  has_permit_ = false;
  child->is_child = true;
  for_each_lease(*child, [](RunLease& lease) { lease.add_pieces(1); });
  expect_child(emitted_ + 1, 1);
  segment_.arrive(1);
  if (child->verdict == Verdict::emit) {
    observe::FlowCells& flow = stage.counters.flow();
    flow.out.fetch_add(1, std::memory_order_relaxed);
    flow.bytes_out.fetch_add(child->payload.bytes(), std::memory_order_relaxed);
    emitter.send(child, segment_.outputs_[0]);
    return true;
  }
  const bool has_thrown = child->verdict != Verdict::drop;
  if (has_thrown) child->payload = parent_->payload;
  segment_.settle_exception(child, stage, emitter);
  if (has_thrown) expansion_.reset();  // It is over.
  return true;
}

void ExpandSegment::Expanding::end(Emitter& emitter, TimePoint begin) {
  StageRun& stage = segment_.first();
  if (std::exchange(has_permit_, false)) segment_.run_.budget().release_children(1);
  expansion_.reset();
  expect_parent(1);
  expect_child(emitted_ + 1, -1);
  const TimePoint now = segment_.run_.loop().now();
  busy_ += now - begin;
  observe::FlowCells& flow = stage.counters.flow();
  flow.busy_ns.fetch_add(static_cast<std::uint64_t>(busy_.count()), std::memory_order_relaxed);
  flow.latency.add(now - began_, 1);
  stage.counters.leave(1);
  emitter.retire(parent_, segment_.run_.is_cancelled() ? Outcome::cancelled : Outcome::done);
  emitter.flush();
  segment_.inlet_->free_slots(1);
  delete this;
}

ExpandSegment::ExpandSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {
  // A body begins when its first child may be computed, which may be long after the piece was taken: only one after the
  // other begin in order.
  const std::uint32_t most = first().spec->is_ordered ? 1 : UINT32_MAX;
  inlet_ = std::make_unique<Inlet>(run_, first(),
                                   Inlet::Callbacks{.start = [this] { run_.put(*this, nullptr); },
                                                    .lose = [this](Piece* piece) { settle_waiting(piece); }},
                                   most);
}

void ExpandSegment::resume_later(Expanding& expanding) {
  auto* message = new Bunch;
  message->resumed = &expanding;
  run_.put(*this, message);
}

Bunch* ExpandSegment::work(Bunch* message) {
  if (message != nullptr) {
    auto* expanding = static_cast<Expanding*>(message->resumed);
    delete message;
    expanding->go_on();
    return nullptr;
  }
  Piece* piece = nullptr;
  if (inlet_->take({&piece, 1}) == 1) (new Expanding(*this, piece))->go_on();
  return nullptr;
}

}  // namespace penstock::runtime
