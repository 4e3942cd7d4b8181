// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/compute_segment.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "framework/runtime/inlet.h"
#include "framework/runtime/run_state.h"

namespace penstock::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kSliceNs = kSlice.count();
constexpr std::int64_t kExactNs = 10'000;       // From here on every strip is one piece, timed in each stage.
constexpr std::uint32_t kMeasuredBunches = 32;  // One of so many is timed stage by stage; a clock read costs 24 ns.

std::uint64_t bytes_of(std::span<Piece* const> strip) {
  std::uint64_t bytes = 0;
  for (const Piece* piece : strip) bytes += piece->payload.bytes();
  return bytes;
}

}  // namespace

ComputeSegment::ComputeSegment(RunState& run, std::vector<StageRun*> stages)
    : Segment(run, std::move(stages)), stage_ns_(stages_.size()) {
  // Shared between workers, such counts are what an item of many cheap stages would cost most.
  for (StageRun* stage : stages_) stage->counters.share_presence(first().counters);
  const graph::GraphStage& spec = *first().spec;
  const bool is_limited = spec.concurrency != graph::kUnlimited || spec.queue || first().body->has_memory_need();
  if (!is_limited && !spec.is_ordered && spec.retry.attempts <= 1) return;
  inlet_ = std::make_unique<Inlet>(run_, first(),
                                   Inlet::Callbacks{.start = [this] { run_.put(*this, nullptr); },
                                                    .lose = [this](Piece* piece) { settle_waiting(piece); }});
  // Several bunches at once would let later pieces enter before earlier ones, and several pieces under one slot
  // would be more than the limit says.
  if (spec.concurrency != 1 || spec.queue) take_limit_ = 1;
}

std::size_t ComputeSegment::grain() const {
  const std::int64_t each = piece_ns_.load(std::memory_order_relaxed);
  if (each == 0) return 1;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(kSliceNs / each, 1, kBunchCapacity));
}

Bunch* ComputeSegment::work(Bunch* message) {
  if (message != nullptr) return work_through(message);
  auto bunch = std::make_unique<Bunch>();
  const std::size_t wanted = has_queued_target_ ? 1 : std::min(take_limit_, grain());
  bunch->size = inlet_->take({bunch->pieces.data(), wanted});
  return bunch->size == 0 ? nullptr : work_through(bunch.release());
}

Bunch* ComputeSegment::work_through(Bunch* bunch) {
  const bool holds_slot = inlet_ != nullptr;
  Hold* hold = holds_slot && has_queued_target_ ? new Hold(*this, 1) : nullptr;
  Emitter emitter(*this);
  emitter.use_hold(hold);
  const std::size_t size = bunch->size;
  const auto each = piece_ns_.load(std::memory_order_relaxed);
  const std::size_t strip =
      each == 0 ? 1 : static_cast<std::size_t>(std::clamp<std::int64_t>(kStrip.count() / each, 1, kBunchCapacity));
  const bool is_measured = each >= kExactNs || bunches_.fetch_add(1, std::memory_order_relaxed) % kMeasuredBunches == 0;
  const Timing timing = is_measured && stages_.size() > 1 ? Timing::stages : Timing::whole;
  std::vector<Tally> tallies(stages_.size());
  first().counters.enter(size);
  const auto begin = Clock::now();
  auto now = begin;
  auto slice = begin;
  std::size_t done = 0;
  while (done < size) {
    const std::size_t n = std::min(strip, size - done);
    work_strip({bunch->pieces.data() + done, n}, timing, tallies, emitter);
    done += n;
    now = Clock::now();
    // What is finished at the end goes on below, after it has been counted: the last piece to go on may end the run.
    if (done == size || (now - slice).count() <= kSliceNs) continue;
    if (!holds_slot) break;
    // Under a slot the rest stays in its order; what is finished goes on.
    if (Bunch* ready = emitter.flush()) run_.put(*edge, ready);
    slice = now;
  }
  first().counters.leave(size);
  const std::int64_t spent = (now - begin).count();
  count(tallies, timing, spent);
  // Looking at the clock between cheap stages costs more than they do: such a bunch says nothing about the others.
  if (timing == Timing::whole || each >= kExactNs) learn(spent / static_cast<std::int64_t>(done));
  put_back(bunch->span().subspan(done));
  delete bunch;
  Bunch* by_edge = emitter.flush();
  if (hold != nullptr) {
    hold->release();
  } else if (holds_slot) {
    inlet_->free_slots(1);
  }
  return by_edge;
}

void ComputeSegment::put_back(std::span<Piece*> rest) {
  const std::size_t half = (rest.size() + 1) / 2;
  for (const std::span<Piece*> part : {rest.first(half), rest.subspan(half)}) {
    if (part.empty()) continue;
    auto* message = new Bunch;
    for (Piece* piece : part) message->push(piece);
    run_.put(*this, message);
  }
}

void ComputeSegment::learn(std::int64_t piece_ns) {
  const auto before = piece_ns_.load(std::memory_order_relaxed);
  // Down at once, up slowly: a worker that was interrupted says nothing about the bodies.
  const std::int64_t now = before == 0 || piece_ns < before ? piece_ns : before + (piece_ns - before) / 8;
  piece_ns_.store(std::max<std::int64_t>(now, 1), std::memory_order_relaxed);
}

void ComputeSegment::count(std::span<const Tally> tallies, Timing timing, std::int64_t spent_ns) {
  std::int64_t known = 0;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (timing == Timing::stages && tallies[i].in > 0) {
      stage_ns_[i].store(tallies[i].ns / static_cast<std::int64_t>(tallies[i].in) + 1, std::memory_order_relaxed);
    }
    known += stage_ns_[i].load(std::memory_order_relaxed) * static_cast<std::int64_t>(tallies[i].in);
  }
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    const Tally& tally = tallies[i];
    if (tally.in == 0) continue;
    std::int64_t ns = tally.ns;
    if (timing == Timing::whole) {
      const std::int64_t share = stage_ns_[i].load(std::memory_order_relaxed) * static_cast<std::int64_t>(tally.in);
      ns = known > 0 ? static_cast<std::int64_t>(static_cast<double>(spent_ns) * static_cast<double>(share) /
                                                 static_cast<double>(known))
                     : spent_ns / static_cast<std::int64_t>(tallies.size());
    }
    observe::FlowCells& flow = stages_[i]->counters.flow();
    flow.in.fetch_add(tally.in, std::memory_order_relaxed);
    flow.out.fetch_add(tally.out, std::memory_order_relaxed);
    flow.bytes_in.fetch_add(tally.bytes_in, std::memory_order_relaxed);
    flow.bytes_out.fetch_add(tally.bytes_out, std::memory_order_relaxed);
    flow.busy_ns.fetch_add(static_cast<std::uint64_t>(ns), std::memory_order_relaxed);
    flow.latency.add(Duration(ns / static_cast<std::int64_t>(tally.in)), tally.in);
  }
}

void ComputeSegment::work_strip(std::span<Piece*> strip, Timing timing, std::span<Tally> tallies, Emitter& emitter) {
  if (run_.is_cancelled()) {
    first().counters.cancelled.fetch_add(strip.size(), std::memory_order_relaxed);
    for (Piece* piece : strip) emitter.retire(piece, Outcome::cancelled);
    return;
  }
  std::uint64_t bytes = bytes_of(strip);
  auto begin = timing == Timing::stages ? Clock::now() : Clock::time_point();
  for (std::size_t i = 0; i < stages_.size() && !strip.empty(); ++i) {
    Tally& tally = tallies[i];
    tally.in += strip.size();
    tally.bytes_in += bytes;
    strip = run_stage(*stages_[i], strip, bytes, emitter);
    tally.out += strip.size();
    tally.bytes_out += bytes;
    if (timing == Timing::whole) continue;
    const auto end = Clock::now();
    tally.ns += (end - begin).count();
    begin = end;
  }
  if (outputs_.size() == 1) return emitter.send(strip, outputs_.front());
  for (Piece* piece : strip) emitter.send(piece, outputs_[piece->port]);
}

std::span<Piece*> ComputeSegment::run_stage(StageRun& stage, std::span<Piece*> strip, std::uint64_t& bytes,
                                            Emitter& emitter) {
  StageContext context(run_, stage.spec->name);
  const detail::StripResult result = stage.body->process(strip, context, stage.may_move());
  bytes = result.bytes;
  if (!inlet_ && result.all_emitted) return strip;
  std::size_t kept = 0;
  for (Piece* piece : strip) {
    if (piece->extra) piece->extra->charge = MemoryCharge();
    if (piece->verdict != Verdict::emit) {
      settle_exception(piece, stage, emitter);
      continue;
    }
    piece->attempts = 1;
    strip[kept++] = piece;
  }
  return strip.first(kept);
}

bool ComputeSegment::flush_at_close() {
  StageRun& stage = last();
  if (!stage.spec->spec->has_finish || run_.is_cancelled()) return true;
  if (!run_.budget().admit_last(*this)) return false;
  auto lease = std::make_unique<RunLease>([&] { return std::optional(SourceItem{.key = stage.spec->name}); });
  StageContext context(run_, stage.spec->name);
  if (!stage.body->finish(lease->first, context)) {
    run_.budget().release_tokens(1);
    return true;
  }
  run_.admit_last(*lease, reach_);
  Piece* piece = &lease.release()->first;
  arrive(2);  // The item, and the segment itself: it closes already and must not see 0 again when the item leaves.
  Emitter emitter(*this);
  if (piece->verdict == Verdict::emit) {
    observe::FlowCells& flow = stage.counters.flow();
    flow.out.fetch_add(1, std::memory_order_relaxed);
    flow.bytes_out.fetch_add(piece->payload.bytes(), std::memory_order_relaxed);
    emitter.send(piece, outputs_[0]);
  } else {
    // There is no input that could be tried again or handed to a reader of the failed port.
    piece->more().failure.is_input_lost = true;
    piece->extra->failure.persistence = Persistence::permanent;
    settle_exception(piece, stage, emitter);
  }
  if (Bunch* ready = emitter.flush()) run_.put(*edge, ready);
  forget_arrival();
  return true;
}

}  // namespace penstock::runtime
