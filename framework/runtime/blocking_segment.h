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

  void accept(Bunch* bunch, Hold* hold) override;
  bool is_direct() const override { return false; }
  bool has_queue() const override { return inlet_.has_queue() && !order_; }
  void resume(std::uint32_t slots) override { inlet_.free_slots(slots); }

 protected:
  Bunch* work(Bunch*) override { return nullptr; }
  void reenter(Piece* piece) override { inlet_.enqueue_uncounted(piece); }

 private:
  void work_on_one();

  Inlet inlet_;
};

}  // namespace penstock::runtime
