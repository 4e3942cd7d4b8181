// Runs a program, or several connected by pipes, for each item.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec subprocess_spec();

}  // namespace penstock::stages
