// The stage `upload`: stores each item's bytes under a URL.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec upload_spec();

}  // namespace penstock::stages
