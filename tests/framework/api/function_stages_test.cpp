// Functions as stages, of every kind.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/pipeline_builder.h"

namespace penstock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// What cannot be copied, only handed on.
struct Ticket {
  std::unique_ptr<int> number;
};

}  // namespace

template <>
struct PayloadTraits<Ticket> {
  static constexpr std::string_view name = "ticket";
  static std::uint64_t bytes(const Ticket&) { return sizeof(int); }
};

namespace {

Registry host_registry() {
  Registry registry;
  register_host_stages(registry);
  return registry;
}

/// Feeds texts to a pipeline `input` → the builder's stages → `output`, and gives what comes out.
std::vector<std::string> run_texts(PipelineBuilder& builder, const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  RunOptions options;
  options.on_output["output"] = [&out](const OutputItem& item) { out.push_back(item.payload.get<Text>().value); };
  penstock::Run run = builder.stage("output").build().start(std::move(options));
  Input input = run.input();
  for (const std::string& text : texts) input.push({.key = text, .payload = Payload(Text{text})});
  input.close();
  EXPECT_TRUE(run.wait().items.is_balanced());
  return out;
}

PipelineBuilder from_texts() {
  PipelineBuilder builder(host_registry());
  builder.stage("input", "", {{"payload", "text"}});
  return builder;
}

TEST(FunctionStages, TransformByReferenceAndByValue) {
  PipelineBuilder builder = from_texts();
  builder.transform("by_reference", [](const Text& in) { return Text{in.value + "1"}; })
      .transform("by_value", [](Text in) { return Text{std::move(in.value) + "2"}; });
  EXPECT_THAT(run_texts(builder, {"a", "b"}), UnorderedElementsAre("a12", "b12"));
}

Text twice(const Text& in) { return Text{in.value + in.value}; }

TEST(FunctionStages, PlainFunction) {
  PipelineBuilder builder = from_texts();
  builder.transform("twice", &twice);
  EXPECT_THAT(run_texts(builder, {"a"}), ElementsAre("aa"));
}

TEST(FunctionStages, ContextGivesKeyAndAttributes) {
  PipelineBuilder builder = from_texts();
  builder.transform("set", [](const Payload& in, StageContext& context) {
    context.set_attribute("seen", true);
    return in;
  });
  builder.transform("read", [](const Text& in, StageContext& context) {
    return Text{in.value + context.key() + (context.attributes().find("seen") != nullptr ? "!" : "?")};
  });
  EXPECT_THAT(run_texts(builder, {"k"}), ElementsAre("kk!"));
}

TEST(FunctionStages, MaybeDropsItems) {
  PipelineBuilder builder = from_texts();
  builder.transform("short_ones", [](const Text& in, StageContext& context) -> Maybe<Text> {
    if (in.value.size() > 1) return context.drop("too long");
    return in;
  });
  EXPECT_THAT(run_texts(builder, {"a", "bb", "c"}), UnorderedElementsAre("a", "c"));
}

TEST(FunctionStages, SerialTransformStartsAnewInEveryRun) {
  PipelineBuilder builder = from_texts();
  builder.serial_transform("number", [n = 0](const Text& in) mutable { return Text{in.value + std::to_string(++n)}; })
      .stage("output");
  const Pipeline pipeline = builder.build();
  for (int i = 0; i < 2; ++i) {
    penstock::Run run = pipeline.start();
    EXPECT_EQ(run.input().submit({.key = "a", .payload = Payload(Text{"a"})}).get().payload<Text>().value, "a1");
  }
}

TEST(FunctionStages, AsyncTransformWaits) {
  PipelineBuilder builder = from_texts();
  builder.async_transform("later", [suffix = std::string("~")](const Text& in, StageContext& context) -> Task<Text> {
    co_await context.sleep_for(std::chrono::microseconds(1));
    co_return Text{in.value + suffix};
  });
  EXPECT_THAT(run_texts(builder, {"a"}), ElementsAre("a~"));
}

TEST(FunctionStages, BlockingTransformRunsOnThreadsOfItsOwn) {
  PipelineBuilder builder = from_texts();
  builder.blocking_transform("block", [](const Text& in) { return Text{in.value + "b"}; });
  EXPECT_THAT(run_texts(builder, {"a"}), ElementsAre("ab"));
}

TEST(FunctionStages, ExpandMakesManyOfOne) {
  PipelineBuilder builder = from_texts();
  builder.expand("letters", [](const Text& in) -> Generator<Text> {
    for (const char c : in.value) {
      Text letter{std::string(1, c)};
      co_yield std::move(letter);
    }
  });
  EXPECT_THAT(run_texts(builder, {"abc"}), UnorderedElementsAre("a", "b", "c"));
}

TEST(FunctionStages, VoidMakesASink) {
  std::atomic<int> seen = 0;
  PipelineBuilder builder = from_texts();
  builder.transform("count", [&seen](const Text&) { ++seen; });
  penstock::Run run = builder.build().start();
  EXPECT_EQ(run.input().submit({.key = "a", .payload = Payload(Text{"a"})}).get().outcome, ItemOutcome::done);
  EXPECT_EQ(seen, 1);
}

TEST(FunctionStages, SourcesOfBothKinds) {
  PipelineBuilder builder(host_registry());
  builder
      .source<Integer>("numbers",
                       [n = 0]() mutable -> std::optional<SourceItem> {
                         if (n == 3) return std::nullopt;
                         return SourceItem{.key = std::to_string(n), .payload = Payload(Integer{n++})};
                       })
      .async_source<Integer>("more",
                             [](SourceOutput& output, StageContext&) -> Task<void> {
                               SourceItem item{.key = "more", .payload = Payload(Integer{100})};
                               co_await output.emit(std::move(item));
                             })
      .stage("output")
      .from("numbers", "more");
  penstock::Run run = builder.build().start();
  Output output = run.output();
  std::int64_t sum = 0;
  while (const auto item = output.pull()) sum += item->payload.get<Integer>().value;
  EXPECT_EQ(sum, 103);
}

TEST(FunctionStages, MoveOnlyPayloadsAreHandedOn) {
  PipelineBuilder builder = from_texts();
  builder.transform("issue", [](const Text& in) { return Ticket{std::make_unique<int>(std::stoi(in.value))}; })
      .transform("punch",
                 [](Ticket ticket) {
                   ++*ticket.number;
                   return ticket;
                 })
      .stage("output");
  penstock::Run run = builder.build().start();
  ItemResult result = run.input().submit({.key = "a", .payload = Payload(Text{"41"})}).get();
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(*result.outputs[0].payload.take<Ticket>().number, 42);
}

TEST(FunctionStages, MoveOnlyPayloadsReachThoseWhoPull) {
  PipelineBuilder builder = from_texts();
  builder.transform("issue", [](const Text& in) { return Ticket{std::make_unique<int>(std::stoi(in.value))}; })
      .stage("output");
  penstock::Run run = builder.build().start();
  run.input().push({.key = "a", .payload = Payload(Text{"7"})});
  std::optional<OutputItem> item = run.output().pull();
  EXPECT_EQ(*item->payload.take<Ticket>().number, 7);
}

TEST(FunctionStages, WrongConnectionNamesBothTypesAndStages) {
  PipelineBuilder builder = from_texts();
  builder.transform("issue", [](const Text&) { return Ticket{}; })
      .transform("shout", [](const Text& in) { return in; })
      .stage("output");
  try {
    builder.build();
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "<builder>: error[graph.type_mismatch] at /stages/2\n"
                 "  stage \"shout\": `shout` expected `text`, got `ticket` from \"issue\" (`issue`)\n"
                 "  help: put a stage between them that makes one out of the other");
  }
}

}  // namespace
}  // namespace penstock
