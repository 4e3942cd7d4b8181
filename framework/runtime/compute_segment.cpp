// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/compute_segment.h"

#include <algorithm>
#include <chrono>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kSliceNs = 100'000;   // Work between two chances for other workers to take a share.
constexpr std::int64_t kStripNs = 1'000;     // Work between two looks at the clock and at the cancel flag.
constexpr std::size_t kStripPieces = 16;
constexpr std::int64_t kExactNs = 10'000;    // From here on every piece is timed by itself.

}  // namespace

/// A piece that waits for the memory that its stage declared. Deletes itself.
class ComputeSegment::MemoryWait final : public Waiter {
 public:
  MemoryWait(ComputeSegment& segment, Piece* piece, std::uint64_t bytes) : segment_(segment), piece_(piece) {
    place = order_key_of(*piece);
    amount = bytes;
  }
  void wake() noexcept override {
    piece_->more().charge = MemoryCharge(&segment_.run_.budget(), amount);
    segment_.admit_measured(piece_);
    delete this;
  }

 private:
  ComputeSegment& segment_;
  Piece* piece_;
};

ComputeSegment::ComputeSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {
  const graph::GraphStage& spec = *first().spec;
  const bool is_serial = spec.concurrency == 1;
  measures_ = first().body->has_memory_need();
  if (spec.is_ordered) {
    order_ = std::make_unique<OrderTracker>([this](Piece* piece) { pass_order(piece); });
  }
  if (spec.concurrency != graph::kUnlimited || spec.queue || spec.is_ordered || spec.retry.attempts > 1 || measures_) {
    const std::uint32_t slots = spec.concurrency == graph::kUnlimited ? UINT32_MAX / 2 : spec.concurrency;
    inlet_ = std::make_unique<Inlet>(first().counters, slots, spec.queue, [this] { run_.put(*this, nullptr); });
    // Several bunches at once would let later pieces enter before earlier ones, and several pieces under one slot
    // would be more than the limit says.
    if (!is_serial || spec.queue) take_limit_ = 1;
  }
}

std::size_t ComputeSegment::grain() const {
  const std::int64_t each = piece_ns_.load(std::memory_order_relaxed);
  if (each == 0) return 1;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(kSliceNs / each, 1, kBunchCapacity));
}

void ComputeSegment::accept(Bunch* bunch, Hold* hold) {
  if (!inlet_) return Segment::accept(bunch, hold);
  arrive(bunch->size);
  if (order_) {
    for (Piece* piece : bunch->span()) order_->arrive(piece);
    delete bunch;
  } else if (measures_) {
    run_.put(*this, bunch);
  } else {
    inlet_->enqueue(bunch, hold);
  }
}

void ComputeSegment::pass_order(Piece* piece) {
  if (!measures_) return inlet_->enqueue_uncounted(piece);
  {
    const std::scoped_lock lock(line_mutex_);
    line_.push_back(piece);
    if (line_.size() > 1) return;
  }
  measure_later(piece);
}

void ComputeSegment::measure_later(Piece* piece) {
  auto* bunch = new Bunch;
  bunch->push(piece);
  run_.put(*this, bunch);
}

void ComputeSegment::admit_measured(Piece* piece) {
  inlet_->enqueue_uncounted(piece);
  if (!order_) return;
  Piece* next = nullptr;
  {
    const std::scoped_lock lock(line_mutex_);
    line_.pop_front();
    if (line_.empty()) return;
    next = line_.front();
  }
  measure_later(next);
}

void ComputeSegment::measure(Piece* piece) {
  StageContext context(run_, first().spec->name);
  std::uint64_t need = 0;
  try {
    if (!run_.is_cancelled()) need = first().body->memory_need(*piece, context);
  } catch (...) {  // NOLINT(bugprone-empty-catch): what cannot be measured fails in the body, with its own error.
  }
  if (need == 0) return admit_measured(piece);
  auto* wait = new MemoryWait(*this, piece, need);
  if (run_.budget().reserve(*wait)) wait->wake();
}

void ComputeSegment::reenter(Piece* piece) {
  if (measures_ && !order_) return measure_later(piece);
  pass_order(piece);
}

Bunch* ComputeSegment::work(Bunch* message) {
  if (!inlet_) return work_through(message, false);
  if (message != nullptr) {
    for (Piece* piece : message->span()) measure(piece);
    delete message;
    return nullptr;
  }
  auto* bunch = new Bunch;
  const std::size_t wanted = has_queued_target_ ? 1 : std::min(take_limit_, grain());
  bunch->size = inlet_->take({bunch->pieces.data(), wanted});
  if (bunch->size == 0) {
    delete bunch;
    return nullptr;
  }
  return work_through(bunch, true);
}

Bunch* ComputeSegment::work_through(Bunch* bunch, bool holds_slot) {
  Hold* hold = holds_slot && has_queued_target_ ? new Hold(*this, 1) : nullptr;
  Emitter emitter(*this);
  emitter.use_hold(hold);
  const std::size_t size = bunch->size;
  const auto each = piece_ns_.load(std::memory_order_relaxed);
  const std::size_t strip =
      each == 0 ? 1 : static_cast<std::size_t>(std::clamp<std::int64_t>(kStripNs / each, 1, kStripPieces));
  const auto begin = Clock::now();
  auto now = begin;
  std::size_t done = 0;
  for (StageRun* stage : stages_) stage->counters.enter(size);
  while (done < size) {
    const std::size_t n = std::min(strip, size - done);
    work_strip({bunch->pieces.data() + done, n}, emitter);
    done += n;
    if (done == size && size == 1) break;
    now = Clock::now();
    if (!holds_slot && done < size && (now - begin).count() > kSliceNs) break;
  }
  now = Clock::now();
  for (StageRun* stage : stages_) stage->counters.leave(size);
  const std::int64_t spent = (now - begin).count() / static_cast<std::int64_t>(done);
  piece_ns_.store(each == 0 ? std::max<std::int64_t>(spent, 1) : std::max<std::int64_t>(each + (spent - each) / 8, 1),
                  std::memory_order_relaxed);
  if (done < size) {
    const std::size_t half = done + (size - done + 1) / 2;
    for (const auto& [from, to] : {std::pair{done, half}, std::pair{half, size}}) {
      if (from == to) continue;
      auto* rest = new Bunch;
      for (std::size_t i = from; i < to; ++i) rest->push(bunch->pieces[i]);
      run_.put(*this, rest);
    }
  }
  delete bunch;
  Bunch* by_edge = emitter.flush();
  if (hold != nullptr) {
    hold->release();
  } else if (holds_slot) {
    inlet_->free_slots(1);
  }
  return by_edge;
}

void ComputeSegment::work_strip(std::span<Piece*> strip, Emitter& emitter) {
  if (run_.is_cancelled()) {
    first().counters.cancelled.fetch_add(strip.size(), std::memory_order_relaxed);
    for (Piece* piece : strip) emitter.retire(piece, Outcome::cancelled);
    return;
  }
  std::size_t n = strip.size();
  for (StageRun* stage : stages_) {
    n = run_stage(*stage, strip.first(n), emitter);
    if (n == 0) return;
  }
  for (Piece* piece : strip.first(n)) emitter.send(piece, outputs_[piece->port]);
}

std::size_t ComputeSegment::run_stage(StageRun& stage, std::span<Piece*> strip, Emitter& emitter) {
  StageContext context(run_, stage.spec->name);
  observe::FlowCells& flow = stage.counters.flow();
  std::uint64_t bytes_in = 0;
  for (Piece* piece : strip) bytes_in += piece->payload.bytes();
  const auto begin = Clock::now();
  const bool all_emitted = stage.body->process(strip, context, stage.may_move());
  const Duration spent = Clock::now() - begin;
  std::size_t kept = strip.size();
  if (measures_ || !all_emitted || stage.spec->retry.attempts > 1) {
    kept = 0;
    for (Piece* piece : strip) {
      if (piece->extra) piece->extra->charge = MemoryCharge();
      if (piece->verdict != Verdict::emit) {
        settle_exception(piece, stage, emitter);
        continue;
      }
      piece->attempts = 1;
      strip[kept++] = piece;
    }
  }
  std::uint64_t bytes_out = 0;
  for (Piece* piece : strip.first(kept)) bytes_out += piece->payload.bytes();
  const std::uint64_t in = strip.size();
  flow.in.fetch_add(in, std::memory_order_relaxed);
  flow.out.fetch_add(kept, std::memory_order_relaxed);
  flow.bytes_in.fetch_add(bytes_in, std::memory_order_relaxed);
  flow.bytes_out.fetch_add(bytes_out, std::memory_order_relaxed);
  flow.busy_ns.fetch_add(static_cast<std::uint64_t>(spent.count()), std::memory_order_relaxed);
  stage.counters.latency.add(spent / static_cast<Duration::rep>(in), in);
  return kept;
}

}  // namespace penstock::runtime
