// SPDX-License-Identifier: Apache-2.0
#include "cli/check.h"

#include <ostream>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "cli/terminal_text.h"
#include "framework/api/load_pipeline.h"
#include "framework/graph/show_pipeline.h"

namespace penstock::cli {
namespace {

void report(const std::string& file, const api::LoadedPipeline& loaded, bool show, std::ostream& out) {
  print(loaded.graph.warnings);
  if (show) {
    out << graph::show_pipeline(loaded.config, loaded.graph);
    return;
  }
  const std::size_t stages = loaded.graph.stages.size();
  out << escape_controls(file) << ": ok, " << stages << (stages == 1 ? " stage\n" : " stages\n");
}

}  // namespace

int check_pipelines(const CheckArguments& arguments, std::ostream& out) {
  const LoadOptions options = load_options(arguments.load);
  const std::optional<Registry> registry = load_registry(arguments.load.plugins);
  if (!registry) return kConfiguration;
  int exit_code = kAllDone;
  for (const std::string& file : arguments.files) {
    try {
      report(file, api::load_file(file, *registry, options), arguments.show, out);
    } catch (const ConfigError& error) {
      print(error.diagnostics());
      exit_code = kConfiguration;
    }
  }
  return exit_code;
}

}  // namespace penstock::cli
