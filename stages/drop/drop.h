// `drop`: drops the items for which a condition holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec drop_spec();

}  // namespace penstock::stages
