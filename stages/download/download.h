// The stage `download`: fetches what the item's URL names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec download_spec();

}  // namespace penstock::stages
