// The executor of deterministic tests: one thread, a manual clock, and a seed that decides what happens next.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>

#include "framework/runtime/executor.h"

namespace penstock::runtime {

/// Thrown by wait_done() when nothing can happen any more and the run is not over.
class Standstill : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// wait_done() does the work: again and again it picks at random among the messages on their way to nodes, the jobs for
/// blocking threads, and the front of the event loop; when there is none of them, time passes to the next timer, and
/// now and then otherwise if that is due within 10 ms. The same seed gives the same run. Descriptors cannot be watched.
///
/// With Jobs::sometimes_ahead a job for a blocking thread may be done before its caller goes on, as if by a thread that
/// is faster. Thread safety: one thread.
enum class Jobs { later, sometimes_ahead };
std::unique_ptr<Executor> make_step_executor(std::uint64_t seed, unsigned workers = 2, Jobs jobs = Jobs::later);

}  // namespace penstock::runtime
