// An expanding stage: one piece into many, as the limits allow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "framework/runtime/budget.h"
#include "framework/runtime/inlet.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Each running expansion emits a child when it has a permit for it; without one it is parked, and woken when children
/// leave the run. It keeps its slot meanwhile, if the stage has a limit. The parent's piece lives until its expansion
/// is over, so that its item cannot settle before.
class ExpandSegment final : public Segment {
 public:
  ExpandSegment(RunState& run, std::vector<StageRun*> stages);

 protected:
  Bunch* work(Bunch* message) override;

 private:
  class Expanding;
  void resume_later(Expanding& expanding);
};

}  // namespace penstock::runtime
