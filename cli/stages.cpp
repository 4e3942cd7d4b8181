// SPDX-License-Identifier: Apache-2.0
#include "cli/stages.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "cli/terminal_text.h"
#include "framework/base/closest_match.h"
#include "framework/config/pipeline_config.h"
#include "framework/spec/describe.h"

namespace penstock::cli {
namespace {

int show_all(const Registry& registry, bool as_json, std::ostream& out) {
  const auto specs = registry.specs();
  if (!as_json) {
    out << spec::describe_all(specs);
    return kAllDone;
  }
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto& spec : specs) json.push_back(spec::describe_json(*spec));
  out << json.dump(2) << "\n";
  return kAllDone;
}

}  // namespace

int show_stages(const StagesArguments& arguments, std::ostream& out) {
  const std::optional<Registry> registry = load_registry(arguments.plugins);
  if (!registry) return kConfiguration;
  if (arguments.type.empty()) return show_all(*registry, arguments.json, out);
  const auto spec = registry->find(arguments.type);
  if (spec == nullptr) {
    std::vector<std::string> types;
    for (const auto& known : registry->specs()) types.push_back(known->type);
    std::cerr << "penstock: there is no stage type \"" << escape_controls(arguments.type) << "\"; there are: ";
    for (const std::string& type : types) std::cerr << (type == types.front() ? "" : ", ") << type;
    std::cerr << "\n";
    if (const std::string help = suggest(arguments.type, types); !help.empty()) std::cerr << "  help: " << help << "\n";
    return kConfiguration;
  }
  if (arguments.json) {
    out << spec::describe_json(*spec).dump(2) << "\n";
  } else {
    out << spec::describe(*spec, config::document_spec().common);
  }
  return kAllDone;
}

}  // namespace penstock::cli
