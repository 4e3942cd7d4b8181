// Loads a pipeline file with the built-in stages, and prints what is wrong with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/pipeline.h"

namespace penstock::cli {

/// The stage types of this program.
const Registry& builtin_registry();

/// Prints the errors of the file to standard error and gives nothing when there are any.
std::optional<Pipeline> load_pipeline(const std::string& file, const LoadOptions& options);

/// To standard error.
void print(const std::vector<Diagnostic>& diagnostics);

}  // namespace penstock::cli
