// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/segment.h"

#include <exception>
#include <string>

#include "framework/runtime/emitter.h"
#include "framework/runtime/inlet.h"
#include "framework/runtime/retry.h"
#include "framework/runtime/run_state.h"

namespace penstock::runtime {

namespace {

void tell_watchers(const Piece& piece, const graph::GraphStage& stage) {
  for_each_lease(piece, [&](const RunLease& lease) {
    if (lease.watcher() != nullptr) lease.watcher()->piece_lost(piece, stage.name);
  });
}

}  // namespace

Segment::Segment(RunState& run, std::vector<StageRun*> stages) : stages_(std::move(stages)), run_(run) {}

Segment::~Segment() = default;

void Segment::accept(Bunch* bunch, Hold* hold) {
  arrive(bunch->size);
  if (inlet_) return inlet_->accept(bunch, hold);
  run_.put(*this, bunch);
}

void Segment::resume(std::uint32_t slots) { inlet_->free_slots(slots); }

Bunch* Segment::run(Bunch* message) {
  Bunch* by_edge = work(message);
  // A bunch that goes on by the edge stays in motion.
  if (by_edge == nullptr) run_.end_motion();
  return by_edge;
}

void Segment::leave(std::uint64_t pieces) {
  if (holds_.fetch_sub(pieces, std::memory_order_acq_rel) == pieces) begin_close();
}

void Segment::begin_close() {
  run_.begin_motion();
  if (lives_on_loop()) {
    run_.loop().post([this] { finish_close(); });
  } else {
    run_.run_blocking([this] { finish_close(); });
  }
}

void Segment::finish_close() {
  RunState& run = run_;
  if (!flush_at_close()) return run.end_motion();
  for (StageRun* stage : stages_) {
    StageContext context(run, stage->spec->name);
    try {
      stage->body->close(context);
    } catch (const std::exception& error) {
      run.abort({stage->spec->name, "stage.close", error.what()});
    } catch (...) {
      run.abort({stage->spec->name, "stage.close", "an unknown exception"});
    }
  }
  for (const StageRun* stage : stages_) run.tell_drained(*stage);
  for (Segment* next : downstream_) next->leave(1);
  run.segment_closed();
  run.end_motion();
}

void Segment::settle_waiting(Piece* piece) {
  Emitter emitter(*this);
  settle_exception(piece, first(), emitter);
  if (Bunch* ready = emitter.flush()) run_.put(*edge, ready);
  inlet_->free_slots(1);
}

void Segment::settle_exception(Piece* piece, StageRun& stage, Emitter& emitter) {
  const graph::GraphStage& spec = *stage.spec;
  switch (piece->verdict) {
    case Verdict::emit:
      break;
    case Verdict::absorb:
      emitter.retire(piece, Outcome::done);
      return;
    case Verdict::drop:
      stage.counters.dropped.fetch_add(1, std::memory_order_relaxed);
      tell_watchers(*piece, spec);
      emitter.retire(piece, Outcome::dropped);
      return;
    case Verdict::cancel:
      stage.counters.cancelled.fetch_add(1, std::memory_order_relaxed);
      emitter.retire(piece, Outcome::cancelled);
      return;
    case Verdict::fail:
      break;
  }
  piece->more();  // A failure for want of memory could not even say so.
  if (may_retry(*piece, spec) && !run_.is_cancelled()) {
    stage.counters.retries.fetch_add(1, std::memory_order_relaxed);
    retry_later(run_, piece, spec, [this](Piece* due) { inlet_->reenter(due); });
    return;
  }
  stage.counters.failed.fetch_add(1, std::memory_order_relaxed);
  if (!failed_output_.targets.empty() && &stage == &last() && !piece->extra->failure.is_input_lost) {
    stage.counters.handled.fetch_add(1, std::memory_order_relaxed);
    describe_failure(*piece, spec);
    piece->verdict = Verdict::emit;
    piece->attempts = 1;
    emitter.send(piece, failed_output_);
    return;
  }
  tell_watchers(*piece, spec);
  if (spec.on_failure == graph::OnFailure::drop) {
    emitter.retire(piece, Outcome::dropped);
    return;
  }
  run_.record_failure(*piece, stage);
  if (spec.on_failure == graph::OnFailure::stop) {
    run_.abort({spec.name, piece->extra->failure.code,
                "item \"" + detail::key_of(*piece) + "\": " + piece->extra->failure.message});
  }
  emitter.retire(piece, Outcome::failed);
}

}  // namespace penstock::runtime
