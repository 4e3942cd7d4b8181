// SPDX-License-Identifier: Apache-2.0
#include "cli/check.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "cli/show_pipeline.h"
#include "cli/terminal_text.h"
#include "framework/graph/graph.h"

namespace penstock::cli {

int check_pipelines(const CheckArguments& arguments) {
  const LoadOptions options = load_options(arguments.load);
  int exit_code = kAllDone;
  for (const std::string& file : arguments.files) {
    const std::optional<Pipeline> pipeline = load_pipeline(file, options);
    if (!pipeline) {
      exit_code = kConfiguration;
      continue;
    }
    print(pipeline->warnings());
    if (arguments.show) {
      std::cout << show_pipeline(pipeline->graph()).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    } else {
      const std::size_t stages = pipeline->graph().stages.size();
      std::cout << escape_controls(file) << ": ok, " << stages << (stages == 1 ? " stage\n" : " stages\n");
    }
  }
  return exit_code;
}

}  // namespace penstock::cli
