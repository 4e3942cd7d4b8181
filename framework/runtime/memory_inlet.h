// The part of the waiting room where pieces wait for the memory that their stage declares to need.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "framework/runtime/segment.h"

namespace penstock::runtime {

/// Measures pieces on the workers and reserves what they need. While a piece waits, what it carries may be set aside on
/// disk; it is read back as part of its reservation.
///
/// In front of an ordered stage one piece after the other is measured and gets its memory, so that they enter in order.
/// Thread safety: every member from any thread; the callbacks are called without locks.
class MemoryInlet {
 public:
  struct Callbacks {
    std::function<void(Piece*)> measure;  ///< Puts a piece where measure() is called for it on a worker.
    std::function<void(Piece*)> enter;    ///< A piece that has what it needs.
    std::function<void(Piece*)> fail;     ///< A piece whose payload could not be read back; it has failed.
    std::function<bool()> has_free_slot;  ///< A piece that enters would go on at once. May be called under locks.
  };
  MemoryInlet(RunState& run, StageRun& stage, Callbacks callbacks)
      : run_(run), stage_(stage), callbacks_(std::move(callbacks)) {}

  /// A piece to be measured when its turn comes.
  void arrive(Piece* piece);
  void measure(Piece* piece);

 private:
  class Wait;

  void enter(Piece* piece);
  void lose(Piece* piece, const std::string& why);
  void call_next();

  RunState& run_;
  StageRun& stage_;
  const Callbacks callbacks_;
  std::mutex mutex_;
  std::deque<Piece*> line_;  // Of an ordered stage: the first is being measured or waits for memory.
};

}  // namespace penstock::runtime
