// The host as source and sink of a pipeline: push and pull, back pressure, closing, stopping.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "penstock/pipeline_builder.h"
#include "penstock/stage.h"

namespace penstock {
namespace {

Registry host_registry() {
  Registry registry;
  register_host_stages(registry);
  return registry;
}

SourceItem number(std::int64_t value) {
  return SourceItem{.key = std::to_string(value), .payload = Payload(Integer{value})};
}

/// `input` → `output`, at most `items` in flight and one in the buffer.
Pipeline through(std::uint64_t items) {
  PipelineBuilder builder(host_registry());
  builder.limit_items(items).stage("input", "", {{"payload", "integer"}, {"buffer", 1}}).stage("output");
  return builder.build();
}

TEST(Host, PulledItemsAreThoseThatWerePushed) {
  penstock::Run run = through(4).start();
  std::jthread feeder([input = run.input()]() mutable {
    for (int i = 0; i < 1000; ++i) input.push(number(i));
    input.close();
  });
  std::set<std::int64_t> seen;
  Output output = run.output();
  while (const auto item = output.pull()) {
    EXPECT_EQ(item->key, std::to_string(item->payload.get<Integer>().value));
    EXPECT_TRUE(seen.insert(item->payload.get<Integer>().value).second);
  }
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(run.wait().items.done, 1000U);
  EXPECT_EQ(run.wait().outcome, RunOutcome::completed);
}

TEST(Host, ItemsAreInFlightUntilTheyArePulled) {
  penstock::Run run = through(3).start();
  Input input = run.input();
  // Three in flight, one with the stage at the gate, one in the buffer: the sixth finds no room.
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(input.push(number(i)));
  SourceItem sixth = number(5);
  EXPECT_FALSE(input.try_push(sixth));
  EXPECT_EQ(sixth.key, "5") << "what is not taken stays as it is";
  EXPECT_EQ(run.progress().items.settled(), 0U);
  Output output = run.output();
  EXPECT_TRUE(output.pull().has_value());
  EXPECT_TRUE(input.push(std::move(sixth)));  // Waits until the pull has made room.
  input.close();
  int rest = 0;
  while (output.pull()) ++rest;
  EXPECT_EQ(rest, 5);
}

TEST(Host, CallbackIsCalledOneAtATimeInOrder) {
  std::vector<std::int64_t> seen;
  std::atomic<int> inside = 0;
  PipelineBuilder builder(host_registry());
  builder.stage("input", "", {{"payload", "integer"}}).stage("output").ordered();
  RunOptions options;
  options.on_output["output"] = [&](const OutputItem& item) {
    EXPECT_EQ(inside.fetch_add(1), 0);
    seen.push_back(item.payload.get<Integer>().value);
    inside.fetch_sub(1);
  };
  penstock::Run run = builder.build().start(std::move(options));
  Input input = run.input();
  for (int i = 0; i < 500; ++i) input.push(number(i));
  input.close();
  EXPECT_EQ(run.wait().items.done, 500U);
  ASSERT_EQ(seen.size(), 500U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(Host, CallbackThatThrowsFailsItsItem) {
  RunOptions options;
  options.on_output["output"] = [](const OutputItem& item) {
    if (item.key == "1") throw std::runtime_error("no room on the shelf");
  };
  std::string message;
  options.on_failure = [&message](const FailureRecord& failure) { message = failure.key + ": " + failure.message; };
  penstock::Run run = through(4).start(std::move(options));
  Input input = run.input();
  for (int i = 0; i < 3; ++i) input.push(number(i));
  input.close();
  EXPECT_EQ(run.wait().items.done, 2U);
  EXPECT_EQ(run.wait().items.failed, 1U);
  EXPECT_EQ(message, "1: no room on the shelf");
}

TEST(Host, TryPullNeverWaits) {
  penstock::Run run = through(4).start();
  EXPECT_FALSE(run.output().try_pull().has_value());
}

TEST(Host, PushOfAnotherTypeIsAMistakeOfTheProgram) {
  penstock::Run run = through(4).start();
  try {
    run.input().push({.key = "k", .payload = Payload(Text{"1"})});
    FAIL() << "expected std::invalid_argument";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "input stage \"input\": expected a payload `integer`, got `text` for item \"k\"");
  }
}

TEST(Host, PushAfterCloseIsRefused) {
  penstock::Run run = through(4).start();
  Input input = run.input();
  input.close();
  input.close();
  EXPECT_FALSE(input.push(number(1)));
  EXPECT_FALSE(run.output().pull().has_value());
  EXPECT_EQ(run.wait().items.admitted, 0U);
}

TEST(Host, DrainGivesBackTheKeysOfWhatWasNotLetIn) {
  penstock::Run run = through(2).start();
  Input input = run.input();
  for (int i = 0; i < 4; ++i) input.push(number(i));
  run.drain();
  std::set<std::string> keys;
  Output output = run.output();
  while (const auto item = output.pull()) keys.insert(item->key);
  const RunReport& report = run.wait();
  for (const std::string& key : input.take_refused()) EXPECT_TRUE(keys.insert(key).second) << key;
  EXPECT_EQ(keys, (std::set<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(report.outcome, RunOutcome::drained);
  EXPECT_TRUE(input.take_refused().empty()) << "each key is told once";
}

TEST(Host, CancelEndsThoseWhoWait) {
  penstock::Run run = through(1).start();
  std::latch about_to_wait(2);
  std::jthread pusher([&, input = run.input()]() mutable {
    about_to_wait.count_down();
    while (input.push(number(1))) {
    }
  });
  std::jthread puller([&, output = run.output()]() mutable {
    about_to_wait.count_down();
    while (output.pull()) {
    }
  });
  about_to_wait.wait();
  run.cancel();
  EXPECT_TRUE(run.wait().items.is_balanced());
}

TEST(Host, HandlesMayOutliveTheRun) {
  std::optional<Input> input;
  std::optional<Output> output;
  {
    penstock::Run run = through(4).start();
    input = run.input();
    output = run.output();
  }
  EXPECT_FALSE(input->push(number(1)));
  EXPECT_FALSE(output->pull().has_value());
}

/// Never opens.
class Jammed final : public SerialTransform<Payload, void> {
 public:
  void open(StageContext&) override { throw std::runtime_error("the door is jammed"); }
  void process(const Payload&, StageContext&) override {}
};

TEST(Host, RunThatDoesNotOpenRefusesEverything) {
  Registry registry = host_registry();
  registry.add(describe_stage<Jammed>("jammed").summary("Never opens.").input<Payload>("item", "Any."));
  PipelineBuilder builder(registry);
  penstock::Run run = builder.stage("input").stage("jammed").build().start();
  EXPECT_FALSE(run.input().push({.key = "a"}));
  EXPECT_EQ(run.input().submit({.key = "b"}).get().outcome, ItemOutcome::refused);
  ASSERT_NE(run.report(), nullptr);
  EXPECT_EQ(run.report()->outcome, RunOutcome::aborted);
}

TEST(Host, UnknownPayloadTypeIsFoundByCheck) {
  PipelineBuilder builder(host_registry());
  builder.stage("input", "", {{"payload", "txt"}}).transform("read", [](const Text&) {});
  try {
    builder.build();
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(
        error.what(),
        "<builder>: error[graph.unknown_payload_type] at /stages/0/payload\n"
        "  stage \"input\": no stage type here takes or gives a payload `txt`; there are: bytes, integer, none, text\n"
        "  help: did you mean `text`?");
  }
}

TEST(Host, NamesOfEndsAreChecked) {
  PipelineBuilder builder(host_registry());
  builder.stage("input", "left").stage("input", "right").stage("output").from("left", "right");
  const Pipeline pipeline = builder.build();
  penstock::Run run = pipeline.start();
  EXPECT_NO_THROW(run.input("left"));
  try {
    run.input();
    FAIL() << "expected std::invalid_argument";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "pipeline \"pipeline\": expected exactly one `input` stage, got: left, right");
  }
  RunOptions options;
  options.on_output["outptu"] = [](const OutputItem&) {};
  EXPECT_THROW(pipeline.start(std::move(options)), std::invalid_argument);
}

TEST(Host, RunsOfOnePipelineAreFedApart) {
  const Pipeline pipeline = through(4);
  penstock::Run first = pipeline.start();
  penstock::Run second = pipeline.start();
  first.input().push(number(1));
  second.input().push(number(2));
  EXPECT_EQ(second.output().pull()->key, "2");
  EXPECT_EQ(first.output().pull()->key, "1");
}

}  // namespace
}  // namespace penstock
