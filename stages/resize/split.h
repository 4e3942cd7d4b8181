// Rows of one large picture on several cores.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "penstock/stage_context.h"

namespace penstock::stages {

/// Calls `work(task)` for each task in [0, tasks) on the run's threads for nested parallelism, and returns when all are
/// done.
void split(StageContext& context, int tasks, const std::function<void(int task)>& work);

}  // namespace penstock::stages
