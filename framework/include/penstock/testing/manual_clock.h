// Time that a test owns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "penstock/event_loop.h"

namespace penstock::testing {

/// The time of one StageRunner (StageRunnerOptions::clock). It passes only when the stage has nothing else to do: from
/// one timer to the next, in their order, while a call of the runner waits. Runs of PipelineRunner have a clock of that
/// kind anyway.
///
///     ManualClock clock;
///     StageRunner runner(spec, "{}", {.timeout = 60s, .clock = &clock});
///     EXPECT_EQ(runner.run("a").code, "poll.timeout");
///     EXPECT_EQ(clock.elapsed(), 60s);
///
/// Thread safety: any thread.
class ManualClock {
 public:
  TimePoint now() const { return TimePoint(elapsed()); }
  Duration elapsed() const { return Duration(elapsed_.load(std::memory_order_acquire)); }

 private:
  friend class ManualLoop;
  std::atomic<Duration::rep> elapsed_{0};
};

}  // namespace penstock::testing
