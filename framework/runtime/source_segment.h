// Sources that compute or read regular files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "framework/runtime/budget.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// A pump: takes tokens, makes a bunch of items, hands it on, and goes on with another message to itself, so that
/// nothing it has sent is overtaken by what it would send next. A shut gate or a full queue parks it.
///
/// A source that only computes is pumped by the workers; others on a thread that may block, where one pump makes bunch
/// after bunch.
class SourceSegment final : public Segment, private Waiter {
 public:
  SourceSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {}

  bool is_direct() const override { return false; }
  /// The first call starts it; later ones go on after a full queue.
  void resume(std::uint32_t slots) override;

 protected:
  Bunch* work(Bunch* message) override;

 private:
  enum class Next { again, parked, ended };
  void wake() noexcept override { resume(1); }
  Next pump(Bunch*& by_edge);
  void end();

  ItemNumbers numbers_;
  std::size_t items_per_look_ = 1;    // At the clock; so many take a strip's time, as far as is known.
  std::atomic<bool> is_over_{false};  // A place for the last item may come after the end.
};

}  // namespace penstock::runtime
