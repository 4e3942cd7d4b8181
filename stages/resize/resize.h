// The stage `resize`: decode, scale to a box, encode.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec resize_spec();

}  // namespace penstock::stages
