// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/async_segment.h"

#include <exception>
#include <optional>

#include "framework/runtime/detached.h"
#include "framework/runtime/run_state.h"

namespace penstock::runtime {
struct AsyncSegment::Attempt {
  Attempt(RunState& run, const StageRun& stage, Piece* p)
      : piece(p), context(run, stage.spec->name), bytes_in(p->payload.bytes()), began(run.loop().now()) {}

  Piece* piece;
  StageContext context;
  std::uint64_t bytes_in;
  TimePoint began;
  Operation operation;
  std::optional<Task<void>> task;
  EventLoop::TimerId timeout = 0;
  bool is_timed_out = false;
  std::list<Attempt>::iterator self;
};

AsyncSegment::AsyncSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {
  inlet_ = std::make_unique<Inlet>(run_, first(), Inlet::Callbacks{.start = [this] {
                                     {
                                       const std::scoped_lock lock(grants_mutex_);
                                       if (grants_++ > 0) return;  // The loop has been woken already.
                                     }
                                     run_.begin_motion();
                                     run_.loop().post([this] {
                                       start_granted();
                                       run_.end_motion();
                                     });
                                   }});
}

AsyncSegment::~AsyncSegment() = default;

void AsyncSegment::start_granted() {
  // A coroutine that ends at once frees its slot, which grants it anew: this loop goes on, the stack does not grow.
  StageRun& stage = first();
  for (;;) {
    Piece* piece = nullptr;
    const std::uint32_t taken = inlet_->take({&piece, 1});
    if (taken == 1) {
      attempts_.emplace_front(run_, stage, piece);
      Attempt& attempt = attempts_.front();
      attempt.self = attempts_.begin();
      stage.counters.enter(1);
      run_.begin_motion();
      if (run_.is_cancelled()) {
        piece->verdict = Verdict::cancel;
        finish(attempt);
      } else {
        if (stage.spec->timeout) {
          attempt.timeout = run_.loop().call_at(time_after(attempt.began, *stage.spec->timeout), [&attempt] {
            attempt.timeout = 0;
            attempt.is_timed_out = true;
            attempt.operation.stop();
          });
        }
        attempt.task.emplace(stage.body->process_async(*piece, attempt.context, stage.may_move()));
        // process_async() turns what bodies throw into verdicts: there is no error here.
        run_detached(attempt.operation, *attempt.task,
                     [this, &attempt](const std::exception_ptr&) { finish(attempt); });
      }
    }
    // Last, so that a grant made meanwhile finds somebody at work.
    const std::scoped_lock lock(grants_mutex_);
    if (--grants_ == 0) return;
  }
}

void AsyncSegment::finish(Attempt& attempt) {
  StageRun& stage = first();
  Piece* piece = attempt.piece;
  if (attempt.timeout != 0) run_.loop().cancel_timer(attempt.timeout);
  if (piece->extra) piece->extra->has_grown = false;
  if (piece->verdict == Verdict::cancel && attempt.is_timed_out && !run_.is_cancelled()) {
    piece->fail({.code = stage.spec->spec->type + ".timeout",
                 .message = "no result within " + to_string(*stage.spec->timeout),
                 .persistence = Persistence::transient});
  }
  if (attempt.task) {
    const Duration spent = run_.loop().now() - attempt.began;
    observe::FlowCells& flow = stage.counters.flow();
    flow.in.fetch_add(1, std::memory_order_relaxed);
    flow.bytes_in.fetch_add(attempt.bytes_in, std::memory_order_relaxed);
    flow.busy_ns.fetch_add(static_cast<std::uint64_t>(spent.count()), std::memory_order_relaxed);
    flow.latency.add(spent, 1);
  }
  stage.counters.leave(1);

  Hold* hold = has_queued_target_ ? new Hold(*this, 1) : nullptr;
  if (hold != nullptr) {
    // Its slot depends on where this piece goes, so it goes alone.
    flush();
    finished_->use_hold(hold);
  } else if (!finished_) {
    finished_ = std::make_unique<Emitter>(*this);
  }
  if (piece->verdict == Verdict::emit) {
    piece->attempts = 1;
    observe::FlowCells& flow = stage.counters.flow();
    flow.out.fetch_add(1, std::memory_order_relaxed);
    flow.bytes_out.fetch_add(piece->payload.bytes(), std::memory_order_relaxed);
    finished_->send(piece, outputs_[piece->port]);
  } else {
    settle_exception(piece, stage, *finished_);
  }
  attempts_.erase(attempt.self);  // The coroutine that calls this only ends itself from here on.
  if (hold != nullptr) {
    flush();
    finished_->use_hold(nullptr);
    hold->release();
  } else {
    if (!std::exchange(flush_is_posted_, true)) {
      run_.begin_motion();
      run_.loop().post([this] {
        flush_is_posted_ = false;
        flush();
        run_.end_motion();
      });
    }
    inlet_->free_slots(1);
  }
  run_.end_motion();
}

void AsyncSegment::flush() {
  if (!finished_) finished_ = std::make_unique<Emitter>(*this);
  finished_->flush();
}

void AsyncSegment::cancel() {
  run_.begin_motion();
  run_.loop().post([this] {
    // Stopping one may end others, or start and end new ones: look anew after each.
    for (bool stopped = true; stopped;) {
      stopped = false;
      for (Attempt& attempt : attempts_) {
        if (attempt.operation.is_stopped()) continue;
        attempt.operation.stop();
        stopped = true;
        break;
      }
    }
    run_.end_motion();
  });
}

}  // namespace penstock::runtime
