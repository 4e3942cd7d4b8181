// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/inlet.h"

#include <algorithm>
#include <vector>

namespace penstock::runtime {

std::uint32_t Inlet::grant() {
  std::uint32_t times = 0;
  while (free_slots_ > 0 && granted_ < waiting_.size()) {
    --free_slots_;
    ++granted_;
    ++times;
  }
  return times;
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

void Inlet::enqueue_uncounted(Piece* piece) {
  std::uint32_t times = 0;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(piece);
    counters_.waiting.fetch_add(1, std::memory_order_relaxed);
    times = grant();
  }
  start(times);
}

std::uint32_t Inlet::take(std::span<Piece*> into, IfEmpty if_empty) {
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

}  // namespace penstock::runtime
