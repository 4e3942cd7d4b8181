// An asynchronous stage: coroutines on the event loop.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "framework/runtime/emitter.h"
#include "framework/runtime/inlet.h"
#include "framework/runtime/segment.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"

namespace penstock::runtime {

/// Bunches come in on any thread; the loop is woken once however many there are. One coroutine per piece. What is
/// finished in one turn of the loop goes on together.
class AsyncSegment final : public Segment {
 public:
  AsyncSegment(RunState& run, std::vector<StageRun*> stages);
  ~AsyncSegment() override;

  void cancel() override;

 protected:
  Bunch* work(Bunch*) override { return nullptr; }
  bool lives_on_loop() const override { return true; }

 private:
  struct Attempt;

  // Everything below: event-loop thread only.
  void start_granted();
  void finish(Attempt& attempt);
  void flush();

  std::mutex grants_mutex_;
  std::uint32_t grants_ = 0;  // Slots granted and not yet used; guarded by grants_mutex_.
  std::list<Attempt> attempts_;
  std::unique_ptr<Emitter> finished_;
  bool flush_is_posted_ = false;
};

}  // namespace penstock::runtime
