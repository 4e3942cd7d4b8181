// `batch`: a list of several items.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec batch_spec();

}  // namespace penstock::stages
