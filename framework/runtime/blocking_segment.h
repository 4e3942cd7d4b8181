// A blocking stage: bodies on threads of their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "framework/runtime/inlet.h"
#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Each slot granted is one job on the blocking threads: one piece.
class BlockingSegment final : public Segment {
 public:
  BlockingSegment(RunState& run, std::vector<StageRun*> stages);

 protected:
  Bunch* work(Bunch*) override { return nullptr; }

 private:
  void work_on_one();
};

}  // namespace penstock::runtime
