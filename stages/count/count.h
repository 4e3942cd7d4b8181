// `count`: how many items came.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec count_spec();

}  // namespace penstock::stages
