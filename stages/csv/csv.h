// `csv`: one item per row of a table in a text file, a pipe or standard input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec csv_spec();

}  // namespace penstock::stages
