// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "framework/graph/graph.h"
#include "penstock/pipeline.h"
#include "tests/support/test_stages.h"

namespace penstock {
namespace {

TEST(Pipeline, FromStringGivesACheckedGraph) {
  const Pipeline pipeline = Pipeline::from_string(
      R"({"name": "n", "params": {"count": 3}, "limits": {"items": 7, "memory": "2 MiB"},
          "stages": [{"type": "numbers", "count": "${count}"}, {"type": "add", "amount": 5}, {"type": "discard"}]})",
      test::test_registry());
  EXPECT_EQ(pipeline.name(), "n");
  ASSERT_EQ(pipeline.graph().stages.size(), 3U);
  EXPECT_EQ(pipeline.graph().limits.items, 7U);
  EXPECT_EQ(pipeline.graph().stages[1].upstream, (std::vector<graph::StageIndex>{0}));
  EXPECT_TRUE(pipeline.warnings().empty());
}

TEST(Pipeline, FromStringReportsEverythingAtOnce) {
  try {
    Pipeline::from_string("{\n \"stages\": [\n  {\"type\": \"numbers\", \"cuont\": 3},\n  {\"type\": \"ad\"}]}",
                          test::test_registry());
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(
        error.what(),
        "<string>:3:23: error[option.unknown] at /stages/0/cuont\n"
        "  stage \"numbers\": `numbers` has no option `cuont`; it has: count\n"
        "  help: did you mean `count`?\n"
        "<string>:4:12: error[stage.unknown_type] at /stages/1/type\n"
        "  stage \"ad\": there is no stage type `ad`; there are: add, block, convert, deal, discard, double, halve, "
        "handles, nothing, numbers, pass, print, repeat, running_sum, sum, to_text, wait\n"
        "  help: did you mean `add`?");
  }
}

}  // namespace
}  // namespace penstock
