// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/inlet.h"

#include <algorithm>
#include <utility>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {
namespace {

std::uint32_t slots_of(const StageRun& stage, const Executor& executor, std::uint32_t most) {
  std::uint32_t slots = std::min(most, UINT32_MAX / 2);
  if (stage.spec->concurrency != graph::kUnlimited) slots = std::min(slots, std::uint32_t{stage.spec->concurrency});
  if (stage.body->has_memory_need()) slots = std::min(slots, std::uint32_t{executor.workers()});
  return slots;
}

}  // namespace

Inlet::Inlet(RunState& run, StageRun& stage, Callbacks callbacks, std::uint32_t most)
    : counters_(stage.counters),
      places_(stage.spec->queue),
      start_(std::move(callbacks.start)),
      free_slots_(slots_of(stage, run.executor(), most)),
      free_places_(places_.value_or(0)) {
  if (stage.spec->is_ordered) order_.emplace([this](Piece* piece) { reenter(piece); });
  if (!stage.body->has_memory_need()) return;
  reservations_.emplace(
      run, stage,
      Reservations::Callbacks{.enter = [this](Piece* piece) { make_ready(piece); }, .lose = std::move(callbacks.lose)});
}

std::uint32_t Inlet::grant() {
  std::uint32_t times = 0;
  while (free_slots_ > 0 && granted_ < waiting_.size()) {
    --free_slots_;
    ++granted_;
    ++times;
  }
  return times;
}

void Inlet::accept(Bunch* bunch, Hold* hold) {
  if (!order_) return enqueue(bunch, hold);
  for (Piece* piece : bunch->span()) order_->arrive(piece);
  delete bunch;
}

void Inlet::enqueue(Bunch* bunch, Hold* hold) {
  std::uint32_t times = 0;
  {
    const std::scoped_lock lock(mutex_);
    for (Piece* piece : bunch->span()) {
      if (!places_) {
        waiting_.push_back(piece);
      } else if (free_places_ > 0) {
        --free_places_;
        piece->has_place = true;
        waiting_.push_back(piece);
      } else {
        if (hold != nullptr) hold->add();
        parked_.push_back({piece, hold});
      }
    }
    counters_.waiting.fetch_add(bunch->size, std::memory_order_relaxed);
    times = grant();
  }
  delete bunch;
  start(times);
}

void Inlet::reenter(Piece* piece) {
  std::uint32_t times = 0;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(piece);
    counters_.waiting.fetch_add(1, std::memory_order_relaxed);
    times = grant();
  }
  start(times);
}

void Inlet::make_ready(Piece* piece) {
  {
    const std::scoped_lock lock(mutex_);
    ready_.push_back(piece);
  }
  start(1);
}

Piece* Inlet::take_ready() {
  const std::scoped_lock lock(mutex_);
  if (ready_.empty()) return nullptr;
  Piece* piece = ready_.front();
  ready_.pop_front();
  return piece;
}

std::uint32_t Inlet::take(std::span<Piece*> into, IfEmpty if_empty) {
  if (!reservations_) return take_waiting(into, if_empty);
  // Who became ready first goes first, whichever call of `start` this is.
  into[0] = take_ready();
  if (into[0] != nullptr) return 1;
  const std::uint32_t count = take_waiting(into.first(1), if_empty);
  return count == 1 && reservations_->reserve(into[0]) ? 1 : 0;
}

std::uint32_t Inlet::take_waiting(std::span<Piece*> into, IfEmpty if_empty) {
  std::uint32_t count = 0;
  std::uint32_t times = 0;
  std::vector<Hold*> placed;
  {
    const std::scoped_lock lock(mutex_);
    --granted_;
    // What other grants were made for is left to them.
    const std::size_t mine = waiting_.size() - std::min<std::size_t>(granted_, waiting_.size());
    count = static_cast<std::uint32_t>(std::min(into.size(), mine));
    for (std::uint32_t i = 0; i < count; ++i) {
      Piece* piece = waiting_.front();
      waiting_.pop_front();
      into[i] = piece;
      if (!piece->has_place) continue;
      piece->has_place = false;
      ++free_places_;
    }
    while (free_places_ > 0 && !parked_.empty()) {
      --free_places_;
      parked_.front().piece->has_place = true;
      waiting_.push_back(parked_.front().piece);
      if (parked_.front().hold != nullptr) placed.push_back(parked_.front().hold);
      parked_.pop_front();
    }
    counters_.waiting.fetch_sub(count, std::memory_order_relaxed);
    if (count == 0 && if_empty == IfEmpty::free_slot) ++free_slots_;
    times = grant();
  }
  for (Hold* hold : placed) hold->release();
  start(times);
  return count;
}

bool Inlet::demand() {
  {
    const std::scoped_lock lock(mutex_);
    if (free_slots_ == 0) return false;
    --free_slots_;
    ++granted_;
  }
  start(1);
  return true;
}

void Inlet::free_slots(std::uint32_t slots) {
  std::uint32_t times = 0;
  {
    const std::scoped_lock lock(mutex_);
    free_slots_ += slots;
    times = grant();
  }
  start(times);
}

void Inlet::offer(const MemoryWaiter* except, std::vector<WaitingPayload>& found) {
  if (!reservations_) return;
  const std::scoped_lock lock(mutex_);
  const auto add = [&](Piece* piece) {
    if (reservations_->may_be_set_aside(piece)) {
      found.push_back({order_key_of(*piece), piece->payload.charged(), this, piece});
    }
  };
  for (Piece* piece : waiting_) add(piece);
  for (const Parked& parked : parked_) add(parked.piece);
  reservations_->offer(*this, except, found);
}

bool Inlet::claim(Piece* piece) {
  const std::scoped_lock lock(mutex_);
  const bool is_in_front =
      std::find(waiting_.begin(), waiting_.end(), piece) != waiting_.end() ||
      std::any_of(parked_.begin(), parked_.end(), [&](const Parked& parked) { return parked.piece == piece; });
  return is_in_front ? reservations_->claim_in_front(piece) : reservations_->claim(piece);
}

}  // namespace penstock::runtime
