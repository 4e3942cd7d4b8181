// The stages that come with Penstock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/export.h"
#include "penstock/registry.h"

namespace penstock::stages {

/// Adds every built-in stage type. Throws std::invalid_argument when `registry` has one of them already.
PENSTOCK_API void register_builtin_stages(Registry& registry);

}  // namespace penstock::stages
