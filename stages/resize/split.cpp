// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/split.h"

#include <oneapi/tbb/parallel_for.h>

namespace penstock::stages {

void split(StageContext& context, int tasks, const std::function<void(int task)>& work) {
  context.parallel([&] { tbb::parallel_for(0, tasks, work); });
}

}  // namespace penstock::stages
