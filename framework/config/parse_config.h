// Text of a pipeline file → PipelineConfig.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/base/diagnostics.h"
#include "framework/config/pipeline_config.h"

namespace penstock::config {

/// Reads `text`, expands its references and reads every key that does not belong to a stage type. What is wrong goes
/// to `out`; stages with errors are marked, so that later checks can go on with the others. Nothing is returned when
/// there is no document to go on with. `parameters` is what --set gives.
std::optional<PipelineConfig> parse_config(std::string_view text, const std::map<std::string, std::string>& parameters,
                                           Diagnostics& out);

}  // namespace penstock::config
