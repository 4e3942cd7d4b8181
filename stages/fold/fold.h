// `fold`: minimum, maximum, sum, count or mean of numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec fold_spec();

}  // namespace penstock::stages
