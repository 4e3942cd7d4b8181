// Sources that wait: coroutines on the event loop.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <optional>

#include "framework/runtime/budget.h"
#include "framework/runtime/emitter.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/segment.h"
#include "penstock/stage.h"

namespace penstock::runtime {

/// Runs produce(). Items that it emits without waiting go on together. It does not count as motion: what it waits for
/// lies outside of the run. Everything but resume() and wake(): event-loop thread only.
class AsyncSourceSegment final : public Segment, private Waiter, private SourceOutput {
 public:
  AsyncSourceSegment(RunState& run, std::vector<StageRun*> stages) : Segment(run, std::move(stages)) {}

  bool is_direct() const override { return false; }
  void start();
  void resume(std::uint32_t slots) override;
  /// Stops produce() at its next wait. Any thread.
  void stop();

 protected:
  Bunch* work(Bunch*) override { return nullptr; }
  bool lives_on_loop() const override { return true; }

 private:
  Task<void> emit(SourceItem item) override;
  bool try_emit(SourceItem& item) override;
  void wake() noexcept override;

  void end(const std::exception_ptr& error);
  void send(SourceItem item);
  void flush();
  void go_on();
  Task<void> wait();
  Task<void> take_turn();
  bool take_tokens();

  Operation operation_;
  std::optional<Task<void>> task_;
  std::optional<StageContext> context_;
  std::unique_ptr<Emitter> emitter_;
  ItemNumbers numbers_;
  std::uint64_t tokens_ = 0;      // Taken and not used yet.
  std::uint64_t since_turn_ = 0;  // Items since the loop last had a turn.
  bool is_parked_ = false;        // Waits in the budget for a token.
  bool is_held_ = false;          // What was sent waits for a place in a queue.
  bool flush_is_posted_ = false;
  Completion<bool>* waiting_ = nullptr;  // For the gate, or for a place.
};

}  // namespace penstock::runtime
