// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/worker_limit.h"

#include <oneapi/tbb/global_control.h>

#include <new>

namespace penstock::runtime {

struct WorkerLimit::Control {
  oneapi::tbb::global_control limit;
};

WorkerLimit::WorkerLimit(unsigned threads)
    : control_(new Control{{oneapi::tbb::global_control::max_allowed_parallelism, threads}}) {}

WorkerLimit::~WorkerLimit() = default;

bool end_idle_workers() {
  oneapi::tbb::task_scheduler_handle workers{oneapi::tbb::attach{}};
  return oneapi::tbb::finalize(workers, std::nothrow);
}

}  // namespace penstock::runtime
