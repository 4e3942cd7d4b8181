// `jsonl`: one item per line of JSON in a text file, a pipe or standard input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec jsonl_spec();

}  // namespace penstock::stages
