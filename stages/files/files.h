// `files`: one item per file below a folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec files_spec();

}  // namespace penstock::stages
