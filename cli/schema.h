// `penstock schema`: the JSON Schemas of this program's files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "cli/command_line.h"
#include "penstock/registry.h"

namespace penstock::cli {

nlohmann::ordered_json pipeline_schema(const Registry& registry);
/// Of test files.
nlohmann::ordered_json test_schema();

/// Writes one of them to `out`. Returns the exit code.
int print_schema(const SchemaArguments& arguments, std::ostream& out);

}  // namespace penstock::cli
