// `watch`: an item for each file that arrives in a folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec watch_spec();

}  // namespace penstock::stages
