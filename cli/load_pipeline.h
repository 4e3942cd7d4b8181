// Loads a pipeline file with the built-in stages, and prints what is wrong with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "penstock/pipeline.h"
#include "stages/builtin.h"

namespace penstock::cli {

/// The stage types of this program, made with `options`.
Registry make_registry(const stages::BuiltinOptions& options = {});
const Registry& builtin_registry();

/// These and those of plugins. Prints what is wrong with a plugin and gives nothing when something is.
std::optional<Registry> load_registry(const std::vector<std::string>& plugins);

/// Prints the errors of the file to standard error and gives nothing when there are any.
std::optional<Pipeline> load_pipeline(const std::string& file, const LoadArguments& arguments);

/// To standard error.
void print(const std::vector<Diagnostic>& diagnostics);

}  // namespace penstock::cli
