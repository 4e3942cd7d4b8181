// `digest`: SHA-256, MD5 and xxHash of payloads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec digest_spec();

}  // namespace penstock::stages
