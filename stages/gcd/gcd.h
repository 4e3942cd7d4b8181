// `gcd`: the greatest common divisor of a list of integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec gcd_spec();

}  // namespace penstock::stages
