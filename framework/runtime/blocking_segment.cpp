// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/blocking_segment.h"

#include "framework/runtime/run_state.h"

namespace penstock::runtime {

BlockingSegment::BlockingSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {
  inlet_ = std::make_unique<Inlet>(run_, first(), Inlet::Callbacks{.start = [this] {
                                     run_.begin_motion();
                                     run_.run_blocking([this] {
                                       work_on_one();
                                       run_.end_motion();
                                     });
                                   }});
}

void BlockingSegment::work_on_one() {
  Piece* piece = nullptr;
  if (inlet_->take({&piece, 1}) == 0) return;
  StageRun& stage = first();
  Emitter emitter(*this);
  Hold* hold = has_queued_target_ ? new Hold(*this, 1) : nullptr;
  emitter.use_hold(hold);
  if (run_.is_cancelled()) {
    stage.counters.cancelled.fetch_add(1, std::memory_order_relaxed);
    emitter.retire(piece, Outcome::cancelled);
  } else {
    stage.counters.enter(1);
    observe::FlowCells& flow = stage.counters.flow();
    flow.in.fetch_add(1, std::memory_order_relaxed);
    flow.bytes_in.fetch_add(piece->payload.bytes(), std::memory_order_relaxed);
    StageContext context(run_, stage.spec->name);
    const TimePoint began = run_.loop().now();
    const detail::StripResult result = stage.body->process({&piece, 1}, context, stage.may_move());
    const Duration spent = run_.loop().now() - began;
    flow.busy_ns.fetch_add(static_cast<std::uint64_t>(spent.count()), std::memory_order_relaxed);
    flow.latency.add(spent, 1);
    stage.counters.leave(1);
    if (result.all_emitted) {
      piece->attempts = 1;
      flow.out.fetch_add(1, std::memory_order_relaxed);
      flow.bytes_out.fetch_add(result.bytes, std::memory_order_relaxed);
      emitter.send(piece, outputs_[piece->port]);
    } else {
      settle_exception(piece, stage, emitter);
    }
  }
  emitter.flush();
  if (hold != nullptr) {
    hold->release();
  } else {
    inlet_->free_slots(1);
  }
}

}  // namespace penstock::runtime
