// Divisors by trying all numbers up to the square root.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/stage_context.h"

namespace penstock::stages {

/// Every divisor of `number`, sorted. The numbers from 1 to the square root are split among the workers. Throws
/// OperationCancelled when the run is cancelled meanwhile. REQUIRES: `number` > 0.
std::vector<std::uint64_t> divisors_by_trial(std::uint64_t number, StageContext& context);

}  // namespace penstock::stages
