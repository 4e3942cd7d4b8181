// How many threads oneTBB may use in this process. For programs, not for libraries: only whoever owns the process sets
// it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace penstock::runtime {

/// While it lives, oneTBB uses at most `threads` threads, the one that waits for the work included; also more than the
/// machine has cores. Of several limits the smallest holds.
class WorkerLimit {
 public:
  explicit WorkerLimit(unsigned threads);
  WorkerLimit(const WorkerLimit&) = delete;
  WorkerLimit& operator=(const WorkerLimit&) = delete;
  ~WorkerLimit();

 private:
  struct Control;
  std::unique_ptr<Control> control_;
};

/// Ends the threads that oneTBB keeps for the next work. False when they are in use. For tests that count threads.
bool end_idle_workers();

}  // namespace penstock::runtime
