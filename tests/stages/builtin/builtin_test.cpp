// The list of the built-in stages.
// SPDX-License-Identifier: Apache-2.0
#include "stages/builtin.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/pipeline.h"
#include "penstock/stage.h"

namespace penstock::stages {
namespace {

TEST(BuiltinStages, CannotBeRegisteredTwice) {
  Registry registry;
  register_builtin_stages(registry);
  ASSERT_FALSE(registry.specs().empty());
  EXPECT_THROW(register_builtin_stages(registry), std::invalid_argument);
}

/// Takes whatever a source emits.
class End final : public Transform<Payload, void> {
 public:
  void process(const Payload&, StageContext&) const override {}
};

/// A pipeline around the example of one stage; empty when no source can feed it directly.
std::string pipeline_around(const StageSpec& spec) {
  nlohmann::json example = nlohmann::json::parse(spec.example);
  example["name"] = "example";
  nlohmann::json stages = nlohmann::json::array({example});
  if (!spec.input) {
    stages.push_back(nlohmann::json{{"name", "end"}, {"type", "end"}});
  } else if (spec.input->types.empty() && !spec.port_types) {
    // Any attribute may come out of a CSV file.
    const nlohmann::json rows = {{"name", "rows"}, {"type", "csv"}, {"path", "rows.csv"}, {"key", "url"}};
    stages.insert(stages.begin(), rows);
  } else {
    return {};
  }
  return nlohmann::json{{"stages", stages}}.dump();
}

TEST(BuiltinStages, GiveExamplesThatPassTheCheck) {
  Registry registry;
  register_builtin_stages(registry);
  const std::vector<std::shared_ptr<const StageSpec>> specs = registry.specs();
  registry.add(describe_stage<End>("end").summary("Ends.").input<Payload>("items", "Any."));
  int checked = 0;
  for (const auto& spec : specs) {
    ASSERT_FALSE(spec->example.empty()) << spec->type;
    const std::string pipeline = pipeline_around(*spec);
    if (pipeline.empty()) continue;
    ++checked;
    try {
      Pipeline::from_string(pipeline, registry);
    } catch (const ConfigError& error) {
      ADD_FAILURE() << spec->type << ": " << error.what();
    }
  }
  EXPECT_GE(checked, 6);
}

}  // namespace
}  // namespace penstock::stages
