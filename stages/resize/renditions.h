// The stage `renditions`: several sizes of an image from one decode.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec renditions_spec();

}  // namespace penstock::stages
