// The stage `probe`: says what an item holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec probe_spec();

}  // namespace penstock::stages
