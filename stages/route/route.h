// `route`: sends each item to the first port whose condition holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec route_spec();

}  // namespace penstock::stages
