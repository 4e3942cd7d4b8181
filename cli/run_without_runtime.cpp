// Stands in for run.cpp until the runtime is there.
// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "cli/run.h"

namespace penstock::cli {

int run_pipeline(const RunArguments&) { throw std::runtime_error("this build has no runtime yet"); }

}  // namespace penstock::cli
