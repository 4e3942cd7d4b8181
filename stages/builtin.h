// The stages that come with Penstock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/registry.h"

namespace penstock::stages {

/// Adds every built-in stage type. Throws std::invalid_argument when `registry` has one of them already.
void register_builtin_stages(Registry& registry);

}  // namespace penstock::stages
