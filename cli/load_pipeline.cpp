// SPDX-License-Identifier: Apache-2.0
#include "cli/load_pipeline.h"

#include <iostream>

#include "cli/terminal_text.h"

namespace penstock::cli {

Registry make_registry(const stages::BuiltinOptions& options) {
  Registry registry;
  register_host_stages(registry);
  stages::register_builtin_stages(registry, options);
  return registry;
}

const Registry& builtin_registry() {
  static const Registry kRegistry = make_registry();
  return kRegistry;
}

void print(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    std::cerr << escape_controls_in_lines(to_string(diagnostic)) << "\n";
  }
}

std::optional<Registry> load_registry(const std::vector<std::string>& plugins) {
  Registry registry = builtin_registry();
  try {
    for (const std::string& plugin : plugins) registry.add_plugin(plugin);
  } catch (const ConfigError& error) {
    print(error.diagnostics());
    return std::nullopt;
  }
  return registry;
}

std::optional<Pipeline> load_pipeline(const std::string& file, const LoadArguments& arguments) {
  const LoadOptions options = load_options(arguments);
  const std::optional<Registry> registry = load_registry(arguments.plugins);
  if (!registry) return std::nullopt;
  try {
    return Pipeline::from_file(file, *registry, options);
  } catch (const ConfigError& error) {
    print(error.diagnostics());
    return std::nullopt;
  }
}

}  // namespace penstock::cli
