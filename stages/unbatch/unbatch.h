// `unbatch`: an item for each element of a list.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec unbatch_spec();

}  // namespace penstock::stages
