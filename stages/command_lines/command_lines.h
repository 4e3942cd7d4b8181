// Emits an item for each line that a program writes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec command_lines_spec();

}  // namespace penstock::stages
