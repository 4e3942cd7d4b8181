// `convolve`: blurs, sharpens, finds edges.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec convolve_spec();

}  // namespace penstock::stages
