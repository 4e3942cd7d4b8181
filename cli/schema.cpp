// SPDX-License-Identifier: Apache-2.0
#include "cli/schema.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "framework/config/pipeline_config.h"
#include "framework/spec/json_schema.h"
#include "framework/testing/test_options.h"

namespace penstock::cli {

nlohmann::ordered_json pipeline_schema(const Registry& registry) {
  return spec::json_schema(registry.specs(), config::document_spec());
}

nlohmann::ordered_json test_schema() {
  return spec::json_schema("Penstock test file", "Tests of one pipeline, run by `penstock test`.",
                           testing::test_file_keys());
}

int print_schema(const SchemaArguments& arguments, std::ostream& out) {
  const std::optional<Registry> registry = load_registry(arguments.plugins);
  if (!registry) return kConfiguration;
  out << (arguments.tests ? test_schema() : pipeline_schema(*registry)).dump(2) << "\n";
  return kAllDone;
}

}  // namespace penstock::cli
