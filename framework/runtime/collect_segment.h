// A collecting stage: many pieces into one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "framework/runtime/inlet.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Serial. Members leave the segment when they are added, but keep their leases; the merged piece carries these on.
/// What is left is given out when the segment closes, and earlier when the run stands still because of it or a member
/// has waited for max_delay(). One timer at a time sees to that; it is no motion.
class CollectSegment final : public Segment {
 public:
  CollectSegment(RunState& run, std::vector<StageRun*> stages);

  void resume(std::uint32_t slots) override;
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
  /// Calls work() though no piece may come. False: there is nothing to give out, or somebody is at work.
  bool ask(std::atomic<bool>& is_asked);
  /// Has work() called when the time of the batch is up.
  void watch_delay();
  bool is_overdue() const;

  std::vector<Piece*> members_;                    // Under the only slot.
  std::atomic<std::uint64_t> oldest_{UINT64_MAX};  // Smallest item number among the members.
  TimePoint batch_began_{};                        // When the first of the members came.
  const std::optional<Duration> max_delay_;
  std::atomic<bool> stall_is_asked_{false};  // To give out what is there, for the run stands still.
  std::atomic<bool> delay_is_asked_{false};  // To look whether a member has waited for too long.
  std::atomic<bool> delay_is_watched_{false};
  std::atomic<bool> delay_is_missed_{false};
  std::atomic<bool> is_closing_{false};
};

}  // namespace penstock::runtime
