// What every stage type says of itself passes the check, and is shown as it was read.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "framework/api/load_pipeline.h"
#include "framework/graph/show_pipeline.h"
#include "framework/testing/conformance/rule.h"

namespace penstock::testing::conformance {
namespace {

class CheckTest : public StageTypeTest {
 public:
  using StageTypeTest::StageTypeTest;

 protected:
  std::string show(const std::string& text) const {
    const api::LoadedPipeline loaded = api::load_string(text, registry(), load_options());
    return graph::show_pipeline(loaded.config, loaded.graph);
  }
};

class AcceptsTheExampleInAMinimalPipeline final : public CheckTest {
 public:
  using CheckTest::CheckTest;
  void TestBody() override {
    try {
      const Pipeline pipeline = load(around(example()));
      EXPECT_TRUE(pipeline.warnings().empty()) << to_string(pipeline.warnings().front());
    } catch (const ConfigError& error) {
      FAIL() << error.what();
    }
  }
};

class ShowsThePipelineSoThatItReadsTheSame final : public CheckTest {
 public:
  using CheckTest::CheckTest;
  void TestBody() override {
    const std::string shown = show(around(example()).dump());
    EXPECT_EQ(show(shown), shown);
    // Every option of the example is in it.
    const OrderedJson stages = OrderedJson::parse(shown).at("stages");
    const OrderedJson options = example();
    for (const auto& [key, value] : options.items()) EXPECT_TRUE(stages.at(is_source() ? 0 : 1).contains(key)) << key;
  }
};

class FindsAllMistakesAtOnce final : public CheckTest {
 public:
  using CheckTest::CheckTest;
  void TestBody() override {
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
};

}  // namespace

std::vector<Rule> check_rules() {
  return {
      rule<AcceptsTheExampleInAMinimalPipeline>("AcceptsTheExampleInAMinimalPipeline", __FILE__, __LINE__, every_type),
      rule<ShowsThePipelineSoThatItReadsTheSame>("ShowsThePipelineSoThatItReadsTheSame", __FILE__, __LINE__,
                                                 every_type),
      rule<FindsAllMistakesAtOnce>("FindsAllMistakesAtOnce", __FILE__, __LINE__, every_type),
  };
}

}  // namespace penstock::testing::conformance
