// A collecting stage: many pieces into one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <vector>

#include "framework/runtime/inlet.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Serial. Members leave the segment when they are added, but keep their leases; the merged piece carries these on.
/// What is left is given out when the segment closes, and earlier when the run stands still because of it.
class CollectSegment final : public Segment {
 public:
  CollectSegment(RunState& run, std::vector<StageRun*> stages);

  bool flush_stalled() override;
  std::uint64_t oldest_parked() const override { return oldest_.load(std::memory_order_acquire); }

 protected:
  Bunch* work(Bunch* message) override;
  bool flush_at_close() override;

 private:
  void add(Piece* piece, Emitter& emitter);
  /// Makes one piece of the members, with what the body merged.
  void emit(Piece merged, Emitter& emitter);
  void discard(Emitter& emitter);
  void flush_body(Emitter& emitter);
  void note_oldest();

  std::vector<Piece*> members_;                    // Under the only slot.
  std::atomic<std::uint64_t> oldest_{UINT64_MAX};  // Smallest item number among the members.
  std::atomic<bool> flush_is_wanted_{false};
};

}  // namespace penstock::runtime
