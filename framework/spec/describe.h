// Stage types in words: what `penstock stages` prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "framework/spec/json_schema.h"
#include "penstock/stage_spec.h"

namespace penstock::spec {

/// "source", "async_transform".
std::string_view to_string(StageKind kind);

/// "bytes or json", "any", "the same as the input".
std::string types_text(const StageSpec& spec, const PortSpec& port);

/// One line per stage type: name, kind, summary. Ends with a newline.
std::string describe_all(const std::vector<std::shared_ptr<const StageSpec>>& specs);

/// All there is to know about one stage type, for a terminal of 100 columns. Ends with a newline.
std::string describe(const StageSpec& spec, const KeyGroup& common);

/// The same for programs.
nlohmann::ordered_json describe_json(const StageSpec& spec);

}  // namespace penstock::spec
