// Feeding processes and reading from them, both at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/error.h"
#include "penstock/memory.h"
#include "penstock/process.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"

namespace penstock::stages {

inline constexpr ErrorCode kOutputTooLarge{"subprocess.too_large", "The programs wrote more than `max_bytes`."};

/// Writes an input into a group of processes while it reads their output, whichever of the pipes moves: a program may
/// write before it has read, or read nothing at all. Memory is reserved before the output grows.
///
/// Lives in the coroutine that awaits run(); once it is gone, nobody watches the group's descriptors any more.
/// Event-loop thread only.
class Exchange {
 public:
  /// REQUIRES: `group` and `input` outlive it.
  Exchange(EventLoop& loop, ProcessGroup& group, std::string_view input, std::uint64_t max_bytes)
      : loop_(loop), group_(group), input_(input), max_bytes_(max_bytes) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  /// Returns when all have ended and everything that they wrote has been read; what somebody who left the group might
  /// still write is not waited for. Throws ItemError kOutputTooLarge, OperationCancelled.
  Task<void> run(StageContext& context);

  /// REQUIRES: run() has returned.
  std::string take_output();
  MemoryCharge take_charge() { return std::move(charge_); }

 private:
  void watch_input();
  void watch_output();
  void stop_watching(EventLoop::WatchId& watch);
  void write_input();
  /// False when there is nothing to read now.
  bool read_output();
  void end_output();
  void want(std::uint64_t available);
  void grow(MemoryCharge charge);
  void wake();

  EventLoop& loop_;
  ProcessGroup& group_;
  std::string_view input_;  // What has not been written yet.
  const std::uint64_t max_bytes_;
  EventLoop::WatchId input_watch_ = 0;
  EventLoop::WatchId output_watch_ = 0;
  std::string output_;
  MemoryCharge charge_;
  std::uint64_t capacity_ = 0;  // What `output_` may grow to: charged.
  std::uint64_t wanted_ = 0;    // The capacity that reading waits for; 0: it does not wait.
  bool is_too_large_ = false;
  Completion<>* event_ = nullptr;  // What run() waits for.
};

}  // namespace penstock::stages
