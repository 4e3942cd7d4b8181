// SPDX-License-Identifier: Apache-2.0
#include "cli/schema.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "framework/config/pipeline_config.h"
#include "framework/spec/json_schema.h"

namespace penstock::cli {

int print_schema(const SchemaArguments& arguments, std::ostream& out) {
  const std::optional<Registry> registry = load_registry(arguments.plugins);
  if (!registry) return kConfiguration;
  out << spec::json_schema(registry->specs(), config::document_spec()).dump(2) << "\n";
  return kAllDone;
}

}  // namespace penstock::cli
