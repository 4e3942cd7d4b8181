// `sleep` and `sleep_blocking`: let items wait.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec sleep_spec();
StageSpec sleep_blocking_spec();

}  // namespace penstock::stages
