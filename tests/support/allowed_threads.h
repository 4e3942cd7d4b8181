// How many threads the host allows oneTBB, in tests that need more than the machine has processors, or one only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <oneapi/tbb/global_control.h>

#include <cstddef>

namespace penstock::test {

/// While it lives, oneTBB uses `threads` threads, the one that waits included: a run gets one worker less. Of several
/// that live at once the least wins.
class AllowedThreads {
 public:
  explicit AllowedThreads(std::size_t threads)
      : control_(oneapi::tbb::global_control::max_allowed_parallelism, threads) {}

 private:
  oneapi::tbb::global_control control_;
};

}  // namespace penstock::test
