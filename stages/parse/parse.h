// `parse`: makes numbers, JSON and attributes of text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec parse_spec();

}  // namespace penstock::stages
