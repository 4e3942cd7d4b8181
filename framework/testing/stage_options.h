// Options of one stage from a JSON text, for the runner of a single stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "penstock/stage_spec.h"

namespace penstock::testing {

/// The options struct of `spec`, filled from the JSON object `text`; relative paths count from `base`. Throws
/// ConfigError.
std::shared_ptr<void> parse_stage_options(const StageSpec& spec, std::string_view text, const std::string& base);

}  // namespace penstock::testing
