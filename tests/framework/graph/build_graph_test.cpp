// SPDX-License-Identifier: Apache-2.0
#include "framework/graph/build_graph.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/framework/graph/graph_errors.h"
#include "tests/support/test_stages.h"

namespace penstock::graph {
namespace {

using Indices = std::vector<StageIndex>;

const Registry& registry() {
  static const Registry kRegistry = test::test_registry();
  return kRegistry;
}

Graph build(const std::string& text) {
  Checked checked = check(text, registry());
  EXPECT_EQ(checked.text(), "");
  return checked.graph ? *checked.graph : Graph();
}

TEST(BuildGraph, ReadsTheStageBeforeUnlessFromSaysOtherwise) {
  const Graph graph = build(with_stages(R"({"name": "n", "type": "numbers"},
      {"name": "a", "type": "add"}, {"name": "b", "type": "add", "from": "n"},
      {"name": "out", "type": "discard", "from": ["a", "b", "a.failed"]})"));
  ASSERT_EQ(graph.stages.size(), 4U);
  EXPECT_EQ(graph.stages[0].outputs[0].readers, (Indices{1, 2}));
  EXPECT_EQ(graph.stages[1].outputs[0].readers, (Indices{3}));
  EXPECT_EQ(graph.stages[1].failed_readers, (Indices{3}));
  EXPECT_EQ(graph.stages[3].upstream, (Indices{1, 2}));
  EXPECT_TRUE(graph.stages[3].outputs.empty());
}

TEST(BuildGraph, PutsStagesInTopologicalOrderNearTheFile) {
  const Graph graph = build(with_stages(R"({"name": "z", "type": "discard", "from": "y"},
      {"name": "y", "type": "add", "from": "x"}, {"name": "w", "type": "numbers"},
      {"name": "x", "type": "numbers"}, {"name": "v", "type": "discard", "from": "w"})"));
  std::string order;
  for (const GraphStage& stage : graph.stages) order += stage.name;
  EXPECT_EQ(order, "wxyzv");
}

TEST(BuildGraph, GivesARouteOnePortPerName) {
  const Graph graph = build(with_stages(R"({"type": "numbers"}, {"type": "deal", "ports": ["a", "b", "c"]},
      {"type": "discard", "from": ["deal.c", "deal.a"]})"));
  ASSERT_EQ(graph.stages[1].outputs.size(), 3U);
  EXPECT_EQ(graph.stages[1].outputs[0].readers, (Indices{2}));
  EXPECT_TRUE(graph.stages[1].outputs[1].readers.empty());
  EXPECT_EQ(graph.stages[1].outputs[2].readers, (Indices{2}));
  EXPECT_EQ(graph.stages[1].outputs[1].type, &payload_type<Integer>());
}

struct SpellParams {
  bool writes_text = true;
};

/// Integers into texts, or just on.
class Spell final : public Transform<Payload, Payload> {
 public:
  explicit Spell(SpellParams params) : params_(params) {}
  Payload process(const Payload& in, StageContext&) const override {
    return params_.writes_text ? Payload(Text{std::to_string(in.get<Integer>().value)}) : in;
  }

 private:
  SpellParams params_;
};

StageSpec spell_spec() {
  return describe_stage<Spell, SpellParams>("spell")
      .summary("Integers into texts, or whatever it is just on.")
      .input<Payload>("in", "Integers; with `writes_text` false, any.")
      .output<Text>("out", "Texts; with `writes_text` false, what came in.")
      .port_types([](const SpellParams& params) {
        if (!params.writes_text) return PortTypes{};
        return PortTypes{.input = {&payload_type<Integer>()}, .output = {&payload_type<Text>()}};
      })
      .param(&SpellParams::writes_text, "writes_text", "Whether it does anything.");
}

TEST(BuildGraph, LetsOptionsDecideWhatPortsCarry) {
  Registry types = test::test_registry();
  types.add(spell_spec());
  const Checked texts = check(with_stages(R"({"type": "numbers"}, {"type": "spell"}, {"type": "print"})"), types);
  EXPECT_EQ(texts.text(), "");
  EXPECT_EQ(texts.graph->stages[1].outputs[0].type, &payload_type<Text>());
  const Checked numbers =
      check(with_stages(R"({"type": "numbers"}, {"type": "spell", "writes_text": false}, {"type": "add"},
      {"type": "discard"})"),
            types);
  EXPECT_EQ(numbers.text(), "");
  EXPECT_EQ(numbers.graph->stages[1].outputs[0].type, &payload_type<Integer>());
}

TEST(BuildGraph, RefusesWhatPortsCarryWithTheirOptions) {
  Registry types = test::test_registry();
  types.add(spell_spec());
  const std::string at_output =
      check(with_stages(R"({"type": "numbers"}, {"type": "spell", "writes_text": false}, {"type": "print"})"), types)
          .text();
  EXPECT_NE(at_output.find("`print` expected `text`, got `integer` from \"spell\""), std::string::npos) << at_output;
  const std::string at_input =
      check(with_stages(R"({"type": "numbers"}, {"type": "to_text"}, {"type": "spell"}, {"type": "discard"})"), types)
          .text();
  EXPECT_NE(at_input.find("`spell` expected `integer`, got `text` from \"to_text\""), std::string::npos) << at_input;
}

TEST(BuildGraph, ResolvesTypesThroughStagesThatHandOn) {
  const Graph graph = build(with_stages(R"({"type": "numbers"}, {"type": "double"}, {"type": "pass"},
      {"type": "wait"}, {"type": "halve"}, {"type": "to_text"}, {"type": "print"})"));
  EXPECT_EQ(graph.stages[3].outputs[0].type, &payload_type<test::Even>());
}

TEST(BuildGraph, ResolvesTypesThatFollowFromOptions) {
  const Graph graph = build(with_stages(R"({"type": "numbers"}, {"type": "double"},
      {"name": "same", "type": "convert", "to": "same"}, {"type": "halve"},
      {"name": "text", "type": "convert", "to": "text"}, {"type": "print"})"));
  EXPECT_EQ(graph.stages[2].outputs[0].type, &payload_type<test::Even>());
  EXPECT_EQ(graph.stages[4].outputs[0].type, &payload_type<Text>());
}

TEST(BuildGraph, RefusesAReaderOfAnotherTypeThanTheOptionsChoose) {
  const Checked checked =
      check(with_stages(R"({"type": "numbers"}, {"type": "convert"}, {"type": "print"})"), registry());
  EXPECT_NE(checked.text().find("`print` expected `text`, got `integer` from \"convert\""), std::string::npos)
      << checked.text();
}

TEST(BuildGraph, LeavesMixedTypesOpen) {
  const Graph graph = build(with_stages(R"({"type": "numbers"}, {"type": "to_text"},
      {"type": "pass", "from": ["numbers", "to_text"]}, {"type": "discard"})"));
  EXPECT_EQ(graph.stages[2].outputs[0].type, nullptr);
}

TEST(BuildGraph, ResolvesConcurrencyByKind) {
  const Graph graph = build(with_stages(R"({"type": "numbers"}, {"type": "add"}, {"type": "running_sum"},
      {"type": "wait"}, {"type": "block"}, {"type": "sum"}, {"type": "repeat"}, {"type": "discard"},
      {"name": "add3", "type": "add", "concurrency": 3, "from": "add"},
      {"name": "wait5", "type": "wait", "concurrency": 5},
      {"name": "wait_all", "type": "wait", "concurrency": "unlimited"},
      {"name": "block_serial", "type": "block", "concurrency": "serial"})",
                                        R"("limits": {"items": 99}, )"));
  std::vector<unsigned> concurrency;
  for (const GraphStage& stage : graph.stages) concurrency.push_back(stage.concurrency);
  EXPECT_EQ(concurrency, (std::vector<unsigned>{1, kUnlimited, 1, 99, 4, 1, kUnlimited, kUnlimited, 3, 5, 99, 1}));
}

TEST(BuildGraph, CarriesTheCommonKeys) {
  const Graph graph = build(with_stages(R"({"type": "numbers"},
      {"type": "wait", "time": "2 ms", "queue": 3, "timeout": "1.5 s", "on_failure": "drop", "fuse": false,
       "retry": {"attempts": 4, "max_backoff": "1 min"}}, {"type": "discard", "ordered": true})",
                                        R"("name": "p", "description": "d", "limits": {"memory": "3 MiB"}, )"));
  EXPECT_EQ(graph.name, "p");
  EXPECT_EQ(graph.description, "d");
  EXPECT_EQ(graph.limits.memory, 3U << 20U);
  const GraphStage& stage = graph.stages[1];
  EXPECT_EQ(stage.queue, 3U);
  EXPECT_FALSE(stage.is_ordered);
  EXPECT_TRUE(graph.stages[2].is_ordered);
  EXPECT_EQ(stage.timeout, Duration(std::chrono::milliseconds(1500)));
  EXPECT_EQ(stage.on_failure, OnFailure::drop);
  EXPECT_FALSE(stage.may_fuse);
  EXPECT_EQ(stage.retry.attempts, 4U);
  EXPECT_EQ(stage.retry.backoff, Duration(std::chrono::milliseconds(500)));
  EXPECT_EQ(stage.retry.max_backoff, Duration(std::chrono::minutes(1)));
  EXPECT_EQ(std::static_pointer_cast<test::WaitParams>(stage.params)->time, Duration(std::chrono::milliseconds(2)));
}

TEST(BuildGraph, KeepsWarningsWithTheGraph) {
  const Checked checked =
      check(with_stages(R"({"type": "numbers"}, {"type": "wait", "queue": 3, "ordered": true}, {"type": "discard"})"),
            registry());
  ASSERT_TRUE(checked.graph);
  ASSERT_EQ(checked.graph->warnings.size(), 1U);
  EXPECT_EQ(checked.graph->warnings[0].severity, Severity::warning);
  EXPECT_EQ(checked.graph->warnings[0].code, "stage.queue_without_effect");
}

TEST(BuildGraph, AcceptsCollectorsThatJustFit) {
  const Graph graph = build(with_stages(R"({"type": "numbers"}, {"type": "sum", "size": 10},
      {"name": "sums", "type": "sum", "size": 5}, {"type": "discard"})",
                                        R"("limits": {"items": 59}, )"));
  EXPECT_EQ(graph.stages[1].max_members, 10U);
}

TEST(BuildGraph, ChecksDescriptorsAgainstTheProcess) {
  const std::string text = with_stages(R"({"type": "numbers"},
{"type": "wait", "concurrency": 200}, {"type": "discard"})");
  EXPECT_EQ(check(text, registry(), {.base = "", .descriptor_limit = 264}).text(), "");
  EXPECT_EQ(
      check(text, registry(), {.base = "", .descriptor_limit = 263}).text(),
      "f:3:33: error[stage.descriptors] at /stages/1/concurrency\n"
      "  stage \"wait\": this process may hold 263 files open (ulimit -Hn): expected a `concurrency` of at most 199, "
      "got one that needs 200 files, and 64 for everything else\n"
      "  help: lower `concurrency`, or raise the limit\n");
}

}  // namespace
}  // namespace penstock::graph
