// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/source_segment.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {
void SourceSegment::resume(std::uint32_t /*slots*/) {
  if (is_over_.load(std::memory_order_acquire)) return;
  if (first().spec->spec->only_computes) return run_.put(*this, nullptr);
  run_.begin_motion();
  run_.run_blocking([this] {
    Bunch* by_edge = nullptr;
    Next next = Next::again;
    while (next == Next::again) {
      next = pump(by_edge);
      if (by_edge != nullptr) run_.put(*edge, std::exchange(by_edge, nullptr));
    }
    if (next == Next::ended) end();
    run_.end_motion();
  });
}

Bunch* SourceSegment::work(Bunch*) {
  Bunch* by_edge = nullptr;
  const Next next = pump(by_edge);
  if (next == Next::again) run_.put(*this, nullptr);
  if (next == Next::ended) end();
  return by_edge;
}

void SourceSegment::end() { leave(1); }

SourceSegment::Next SourceSegment::pump(Bunch*& by_edge) {
  if (run_.is_stopping()) return Next::ended;
  std::size_t wanted = has_queued_target_ ? 1 : kBunchCapacity;
  for (const Segment* target : outputs_[0].targets) wanted = std::min(wanted, target->grain());
  // From here on, when nothing was granted, another thread may pump.
  const std::optional<std::uint64_t> tokens = run_.budget().admit(wanted, *this);
  if (!tokens) return Next::ended;
  if (*tokens == 0) return Next::parked;
  const std::uint64_t granted = *tokens;

  StageRun& stage = first();
  StageContext context(run_, stage.spec->name);
  Hold* hold = has_queued_target_ ? new Hold(*this, 1) : nullptr;
  Emitter emitter(*this);
  emitter.use_hold(hold);
  std::array<Piece*, kBunchCapacity> pieces;
  std::size_t made = 0;
  std::uint64_t bytes = 0;
  bool is_over = false;
  const TimePoint began = run_.loop().now();
  arrive(granted);  // As present as they can become; what is not made is taken off again below.
  // A source that only computes may be so cheap that looking at the clock each time would cost more than the item.
  const std::size_t look_every = stage.spec->spec->only_computes ? items_per_look_ : 1;
  while (made < granted && !is_over) {
    if (made > 0 && made % look_every == 0 && run_.loop().now() - began > kSlice) break;
    try {
      auto lease = std::make_unique<RunLease>([&] { return stage.body->next(context); });
      if (!lease->has_item()) {
        is_over = true;
        break;
      }
      bytes += lease->first.payload.bytes();
      run_.admit(*lease, reach_, numbers_);
      pieces[made++] = &lease.release()->first;
    } catch (const ItemError& error) {
      run_.abort({stage.spec->name, error.code(), error.message()});
      is_over = true;
    } catch (const std::exception& error) {
      run_.abort({stage.spec->name, "source.exception", error.what()});
      is_over = true;
    } catch (...) {
      run_.abort({stage.spec->name, "source.exception", "an unknown exception"});
      is_over = true;
    }
  }
  emitter.send({pieces.data(), made}, outputs_[0]);
  const Duration spent = run_.loop().now() - began;
  observe::FlowCells& flow = stage.counters.flow();
  flow.out.fetch_add(made, std::memory_order_relaxed);
  flow.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
  flow.busy_ns.fetch_add(static_cast<std::uint64_t>(spent.count()), std::memory_order_relaxed);
  if (made > 0) {
    const Duration each = spent / static_cast<Duration::rep>(made);
    flow.latency.add(each, made);
    items_per_look_ =
        static_cast<std::size_t>(std::clamp<Duration::rep>(kStrip / (each + Duration(1)), 1, kBunchCapacity));
  }
  run_.count_admitted(made);
  run_.budget().release_tokens(granted - made);
  by_edge = emitter.flush();
  if (made < granted) leave(granted - made);
  if (is_over) {
    is_over_.store(true, std::memory_order_release);
    if (hold != nullptr) hold->release();
    return Next::ended;
  }
  if (hold == nullptr) return Next::again;
  hold->release();  // Goes on by resume(), now or when what was sent has a place.
  return Next::parked;
}

}  // namespace penstock::runtime
