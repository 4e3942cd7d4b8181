// The generated pages: docs/reference/stages.md, docs/reference/errors.md, and the table in stages/<type>/README.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "framework/spec/json_schema.h"
#include "penstock/stage_spec.h"

namespace penstock::spec {

/// The page of all stage types, the document's keys and the keys of every stage. Ends with a newline.
std::string stages_page(const std::vector<std::shared_ptr<const StageSpec>>& specs, const DocumentSpec& document);

/// The page of all error codes: of configurations, of items (the engine's and those of `specs`), of runs. Ends with a
/// newline.
std::string errors_page(const std::vector<std::shared_ptr<const StageSpec>>& specs);

/// Ports, options, attributes and errors of one stage type.
std::string stage_table(const StageSpec& spec);

/// `page` with what stands between its markers `<!-- generated: NAME -->` and `<!-- end of generated -->` replaced by
/// `text`. Nothing when it has no such markers.
std::optional<std::string> replace_generated(std::string_view page, std::string_view name, std::string_view text);

}  // namespace penstock::spec
