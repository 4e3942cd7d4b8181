// `format`: makes text of payloads, keys and attributes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec format_spec();

}  // namespace penstock::stages
