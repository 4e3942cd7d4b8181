// SPDX-License-Identifier: Apache-2.0
#include "cli/load_pipeline.h"

#include <iostream>

#include "cli/terminal_text.h"
#include "stages/builtin.h"

namespace penstock::cli {

const Registry& builtin_registry() {
  static const Registry kRegistry = [] {
    Registry registry;
    stages::register_builtin_stages(registry);
    return registry;
  }();
  return kRegistry;
}

void print(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    std::cerr << escape_controls_in_lines(to_string(diagnostic)) << "\n";
  }
}

std::optional<Pipeline> load_pipeline(const std::string& file, const LoadOptions& options) {
  try {
    return Pipeline::from_file(file, builtin_registry(), options);
  } catch (const ConfigError& error) {
    print(error.diagnostics());
    return std::nullopt;
  }
}

}  // namespace penstock::cli
