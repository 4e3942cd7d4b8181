// `write_lines`: a line of text or JSON for each item.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec write_lines_spec();

}  // namespace penstock::stages
