// Pipelines written in C++ are those that a file would describe.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/pipeline_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "framework/graph/graph.h"
#include "tests/support/test_stages.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;

TEST(PipelineBuilder, WritesWhatAFileWouldSay) {
  PipelineBuilder builder(test::test_registry(), "sums");
  builder.description("Adds.")
      .limit_items(9)
      .limit_memory(ByteSize{1 << 20})
      .stage("numbers", "in", {{"count", 4}})
      .stage("add", "more", {{"amount", 2}})
      .from("in")
      .concurrency(3)
      .queue(5)
      .on_failure("stop")
      .stage("wait")
      .retry(4)
      .timeout(15s)
      .stage("discard", "end")
      .ordered()
      .option("concurrency", "serial");
  EXPECT_EQ(nlohmann::json::parse(builder.json()), nlohmann::json::parse(R"({
    "name": "sums", "description": "Adds.", "limits": {"items": 9, "memory": "1 MiB"},
    "stages": [
      {"name": "in", "type": "numbers", "count": 4},
      {"name": "more", "type": "add", "amount": 2, "from": "in", "concurrency": 3, "queue": 5, "on_failure": "stop"},
      {"type": "wait", "retry": {"attempts": 4}, "timeout": "15 s"},
      {"name": "end", "type": "discard", "ordered": true, "concurrency": "serial"}
    ]})"));
}

TEST(PipelineBuilder, MakesTheCheckedGraph) {
  PipelineBuilder builder(test::test_registry());
  builder.limit_items(9).stage("numbers", "a", {{"count", 1}}).stage("numbers", "b", {{"count", 1}});
  builder.stage("discard").from("a", "b");
  const Pipeline pipeline = builder.build();
  EXPECT_EQ(pipeline.name(), "pipeline");
  EXPECT_EQ(pipeline.graph().limits.items, 9U);
  EXPECT_EQ(pipeline.graph().stages.back().upstream.size(), 2U);
}

TEST(PipelineBuilder, ReportsEverythingAtOnceWithoutLines) {
  PipelineBuilder builder(test::test_registry());
  builder.stage("numbers", "", {{"cuont", 3}}).stage("add", "", {{"amount", "much"}}).stage("discard");
  try {
    builder.build();
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.diagnostics().size(), 2U);
    EXPECT_EQ(error.diagnostics()[0].code, "option.unknown");
    EXPECT_EQ(error.diagnostics()[0].where, (SourceLocation{.file = "<builder>", .pointer = "/stages/0/cuont"}));
    EXPECT_EQ(error.diagnostics()[1].where, (SourceLocation{.file = "<builder>", .pointer = "/stages/1/amount"}));
  }
}

TEST(PipelineBuilder, TakesTextsAsTheyAre) {
  PipelineBuilder builder(test::test_registry(), "${name}");
  builder.stage("numbers", "", {{"count", 1}}).stage("discard");
  EXPECT_EQ(builder.build().name(), "${name}");
}

TEST(PipelineBuilder, KeyWithoutAStageIsAMistakeOfTheProgram) {
  PipelineBuilder builder{Registry()};
  EXPECT_THROW(builder.concurrency(1), std::logic_error);
}

TEST(PipelineFromJson, GivesThePipelineOfTheDocument) {
  const auto document = nlohmann::json::parse(
      R"({"name": "j", "params": {"n": 3}, "stages": [{"type": "numbers", "count": "${n}"}, {"type": "discard"}]})");
  EXPECT_EQ(Pipeline::from_json(document, test::test_registry()).name(), "j");
}

TEST(PipelineFromJson, ReportsPointersWithoutLines) {
  const auto document = nlohmann::json::parse(R"({"stages": [{"type": "nubmers"}, {"type": "discard"}]})");
  try {
    Pipeline::from_json(document, test::test_registry());
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.diagnostics()[0].where, (SourceLocation{.file = "<json>", .pointer = "/stages/0/type"}));
  }
}

TEST(PipelineFromJson, FindsTextThatIsNoUtf8) {
  nlohmann::json document = nlohmann::json::parse(R"({"stages": [{"type": "numbers"}, {"type": "discard"}]})");
  document["description"] = "\xff";
  try {
    Pipeline::from_json(document, test::test_registry());
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.diagnostics()[0].code, "json.utf8");
  }
}

}  // namespace
}  // namespace penstock
