// The stages that come with Penstock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/export.h"
#include "penstock/registry.h"
#include "stages/common/make_http_transport.h"

namespace penstock::stages {

/// What a program may want otherwise, above all a test.
struct BuiltinOptions {
  MakeHttpTransport http_transport = {};  ///< Carries the HTTP of all stages; empty: curl.
};

/// Adds every built-in stage type. Throws std::invalid_argument when `registry` has one of them already.
PENSTOCK_API void register_builtin_stages(Registry& registry, const BuiltinOptions& options = {});

}  // namespace penstock::stages
