// The executor of real runs: oneTBB's flow graph, an event loop, threads that may block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "framework/runtime/executor.h"

namespace penstock::runtime {

/// `workers` compute threads; 0: as many as oneTBB gives this process. `blocking_threads` may block at once.
/// Nothing here sets a limit of oneTBB's: a host that allows fewer workers than asked gives fewer.
std::unique_ptr<Executor> make_tbb_executor(unsigned workers, std::size_t blocking_threads);

}  // namespace penstock::runtime
