// What every stage type says of itself passes the check, and is shown as it was read.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "framework/api/load_pipeline.h"
#include "framework/graph/show_pipeline.h"
#include "tests/conformance/conformance.h"

namespace penstock::conformance {
namespace {

class Check : public StageType {
 protected:
  std::string show(const std::string& text) const {
    const api::LoadedPipeline loaded = api::load_string(text, registry(), load_options());
    return graph::show_pipeline(loaded.config, loaded.graph);
  }
};

TEST_P(Check, AcceptsTheExampleInAMinimalPipeline) {
  try {
    const Pipeline pipeline = load(around(example()));
    EXPECT_TRUE(pipeline.warnings().empty()) << to_string(pipeline.warnings().front());
  } catch (const ConfigError& error) {
    FAIL() << error.what();
  }
}

TEST_P(Check, ShowsThePipelineSoThatItReadsTheSame) {
  const std::string shown = show(around(example()).dump());
  EXPECT_EQ(show(shown), shown);
  // Every option of the example is in it.
  const OrderedJson stages = OrderedJson::parse(shown).at("stages");
  const OrderedJson options = example();
  for (const auto& [key, value] : options.items()) EXPECT_TRUE(stages.at(is_source() ? 0 : 1).contains(key)) << key;
}

TEST_P(Check, FindsAllMistakesAtOnce) {
  OrderedJson stage = example();
  stage["no_such_option"] = 1;
  stage["on_failure"] = "explode";
  std::vector<std::string> pointers;
  try {
    load(around(stage));
  } catch (const ConfigError& error) {
    for (const Diagnostic& found : error.diagnostics()) pointers.push_back(found.where.pointer);
  }
  const std::string at = is_source() ? "/stages/0/" : "/stages/1/";
  EXPECT_NE(std::find(pointers.begin(), pointers.end(), at + "no_such_option"), pointers.end());
  EXPECT_NE(std::find(pointers.begin(), pointers.end(), at + "on_failure"), pointers.end());
}

INSTANTIATE_TEST_SUITE_P(Builtin, Check, ::testing::ValuesIn(builtin_types()),
                         [](const auto& type) { return type.param; });

}  // namespace
}  // namespace penstock::conformance
