// `range`: counts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec range_spec();

}  // namespace penstock::stages
