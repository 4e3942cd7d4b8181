// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/pipeline_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/testing/expect.h"
#include "tests/support/test_stages.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr ErrorCode kBusy{"wait.busy", "The other side is busy.", Persistence::transient};

SourceItem number(std::int64_t value) { return {std::to_string(value), {}, Payload(Integer{value})}; }

std::vector<SourceItem> numbers(std::int64_t count) {
  std::vector<SourceItem> items;
  for (std::int64_t i = 0; i < count; ++i) items.push_back(number(i));
  return items;
}

PipelineRunner runner_of(const std::string& stages) {
  return PipelineRunner::from_string(R"({"stages": [)" + stages + "]}", test::test_registry());
}

std::int64_t value_of(const CollectedItem& item) { return item.payload.get<Integer>().value; }

std::vector<std::int64_t> values_of(const std::vector<CollectedItem>& items) {
  std::vector<std::int64_t> values;
  for (const CollectedItem& item : items) values.push_back(value_of(item));
  return values;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "it was accepted";
}

constexpr const char* kAdd = R"({"type": "numbers"}, {"type": "add", "amount": 10}, {"type": "discard"})";

TEST(PipelineRunner, CollectsWhatReachesTheSinkOfAFedPipeline) {
  PipelineRunner runner = runner_of(kAdd);
  runner.feed("numbers", {number(1), number(2)});
  const PipelineResult result = runner.run();
  EXPECT_THAT(values_of(result.items("discard")), UnorderedElementsAre(11, 12));
  EXPECT_EQ(result.report.items.done, 2U);
  expect_balanced(result.report);
}

TEST(PipelineRunner, RunsTheSourceOfThePipelineWhenNothingIsFed) {
  const PipelineResult result = runner_of(kAdd).run();
  EXPECT_EQ(result.items("discard").size(), 10U);
}

TEST(PipelineRunner, FeedsAnAsynchronousSource) {
  PipelineRunner runner = runner_of(R"({"type": "nothing"}, {"type": "print"})");
  runner.feed("nothing", {{"a", {}, Payload(Text{"x"})}, {"b", {}, Payload(Text{"y"})}});
  runner.collect("nothing");
  const PipelineResult result = runner.run();
  EXPECT_THAT(result.keys("nothing"), ElementsAre("a", "b"));
  EXPECT_THAT(result.keys("print"), UnorderedElementsAre("a", "b"));
}

TEST(PipelineRunner, FeedsPayloadsThatCannotBeCopied) {
  PipelineRunner runner = runner_of(R"({"type": "handles"}, {"type": "discard"})");
  runner.feed_from("handles", [] {
    std::vector<SourceItem> items;
    items.push_back({"one", {}, Payload(test::Handle{std::make_unique<int>(1)})});
    return items;
  });
  for (int run = 0; run < 2; ++run) EXPECT_THAT(runner.run().keys("discard"), ElementsAre("one"));
}

TEST(PipelineRunner, KeepsAttributesAndPortsOfWhatItCollects) {
  PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "deal"},
      {"name": "evens", "type": "discard", "from": "deal.even"}, {"name": "odds", "type": "discard", "from": "deal.odd"})");
  SourceItem item = number(3);
  item.attributes.set("color", std::string("red"));
  runner.feed("numbers", {item});
  runner.collect("deal");
  const PipelineResult result = runner.run();
  EXPECT_EQ(result.items("deal").front().port, "odd");
  EXPECT_EQ(to_text(*result.items("odds").front().attributes.find("color")), "red");
  EXPECT_TRUE(result.items("evens").empty());
}

TEST(PipelineRunner, ReplacesAStageByALambdaOfItsPayload) {
  PipelineRunner runner = runner_of(kAdd);
  runner.feed("numbers", {number(1), number(2)});
  runner.replace("add", [](const Integer& in, StageContext& context) {
    context.set_attribute("seen", context.key());
    return Integer{in.value * 100};
  });
  const PipelineResult result = runner.run();
  EXPECT_THAT(values_of(result.items("discard")), UnorderedElementsAre(100, 200));
  EXPECT_EQ(to_text(*result.items("discard").front().attributes.find("seen")), result.items("discard").front().key);
}

TEST(PipelineRunner, ReplacementsMayDropAndFail) {
  PipelineRunner runner = runner_of(kAdd);
  runner.feed("numbers", numbers(3));
  runner.replace("add", [](const Integer& in, StageContext& context) -> Maybe<Integer> {
    if (in.value == 0) return context.drop("zero");
    if (in.value == 1) throw ItemError(kBusy, "one");
    return in;
  });
  const PipelineResult result = runner.run();
  EXPECT_EQ(result.report.items, (ItemCounts{.admitted = 3, .done = 1, .dropped = 1, .failed = 1}));
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].key, "1");
  EXPECT_EQ(result.failures[0].code, "wait.busy");
}

TEST(PipelineRunner, ReplacesEveryKindOfStage) {
  PipelineRunner runner =
      runner_of(R"({"type": "numbers"}, {"type": "running_sum"}, {"type": "block"}, {"type": "wait"},
      {"type": "repeat"}, {"type": "sum", "size": 3}, {"type": "deal"},
      {"name": "evens", "type": "discard", "from": "deal.even"}, {"name": "odds", "type": "discard", "from": "deal.odd"})");
  runner.feed("numbers", {number(1)});
  runner.replace("running_sum", [](const Integer& in) { return Integer{in.value + 1}; });
  runner.replace("block", [](const Payload& in) { return in; });
  runner.replace("wait", [](const Integer& in, StageContext& context) -> Task<Integer> {
    const std::int64_t value = in.value;
    co_await context.sleep_for(1h);
    co_return Integer{value * 2};
  });
  runner.replace("repeat", [](const Integer& in, StageContext&) -> Generator<Integer> {
    const std::int64_t value = in.value;
    for (int i = 0; i < 3; ++i) co_yield Integer{value + i};
  });
  runner.replace("sum", [](const std::vector<Payload>& members) {
    std::int64_t product = 1;
    for (const Payload& member : members) product *= member.get<Integer>().value;
    return Integer{product};
  });
  runner.replace("deal", [](const Integer&) { return std::string("odd"); });
  std::int64_t seen = 0;
  runner.replace("odds", [&seen](const Integer& in) { seen = in.value; });
  runner.collect("repeat");
  const PipelineResult result = runner.run();
  EXPECT_EQ(seen, 4 * 5 * 6);
  EXPECT_THAT(values_of(result.items("odds")), ElementsAre(120));
  EXPECT_EQ(result.items("repeat")[2].piece, 3U);
  EXPECT_EQ(result.elapsed, 1h);
  expect_balanced(result.report);
}

TEST(PipelineRunner, CollectsBatchesUnderTheKeyOfTheirFirstMember) {
  PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "sum", "size": 2}, {"type": "discard"})");
  runner.feed("numbers", numbers(3));
  runner.collect("sum");
  const PipelineResult result = runner.run();
  EXPECT_EQ(result.keys("sum"), result.keys("discard"));
  EXPECT_EQ(result.items("sum").size(), 2U);
}

TEST(PipelineRunner, DoesTheWorkOfASinkOnlyWhenToldTo) {
  int opened = 0;
  Registry registry = test::test_registry();
  class Opens final : public Transform<Payload, void> {
   public:
    explicit Opens(int* count) : count_(count) {}
    void open(StageContext&) override { ++*count_; }
    void process(const Payload&, StageContext&) const override {}

   private:
    int* count_;
  };
  struct Params {
    int* count = nullptr;
    operator int*() const { return count; }
  };
  StageSpec spec = describe_stage<Opens, Params>("opens").summary("Counts.").input<Payload>("item", "Any.");
  spec.make_params = [&opened] { return std::static_pointer_cast<void>(std::make_shared<Params>(Params{&opened})); };
  registry.add(spec);
  PipelineRunner runner =
      PipelineRunner::from_string(R"({"stages": [{"type": "numbers"}, {"type": "opens"}]})", registry);
  EXPECT_EQ(runner.run().items("opens").size(), 10U);
  EXPECT_EQ(opened, 0);
  EXPECT_EQ(runner.keep("opens").run().items("opens").size(), 10U);
  EXPECT_EQ(opened, 1);
}

TEST(PipelineRunner, FailsTheChosenCalls) {
  PipelineRunner runner =
      runner_of(R"({"type": "numbers"}, {"type": "wait", "retry": {"attempts": 3}}, {"type": "discard"})");
  runner.feed("numbers", numbers(3));
  runner.fail("wait", Calls::first(2).of("1"), ItemError(kBusy));
  const PipelineResult result = runner.run();
  EXPECT_EQ(result.report.items.done, 3U);
  EXPECT_EQ(result.stage("wait").retries, 2U);
  EXPECT_TRUE(result.failures.empty());
}

TEST(PipelineRunner, DropsTheChosenCalls) {
  PipelineRunner runner = runner_of(kAdd);
  runner.feed("numbers", numbers(5));
  runner.drop("add", Calls::nth(2), "no reason");
  runner.drop("add", Calls::all().of("4"), "four");
  const PipelineResult result = runner.run();
  EXPECT_GE(result.stage("add").dropped, 1U);
  EXPECT_LE(result.stage("add").dropped, 2U);
  EXPECT_THAT(result.keys("discard"), ::testing::Not(::testing::Contains("4")));
}

TEST(PipelineRunner, DelaysACallWithinItsTimeout) {
  PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "wait", "timeout": "60 s"}, {"type": "discard"})");
  runner.feed("numbers", numbers(2));
  runner.delay("wait", Calls::all().of("0"), 59s);
  runner.delay("wait", Calls::all().of("1"), 61s);
  const PipelineResult result = runner.run();
  EXPECT_THAT(result.keys("discard"), ElementsAre("0"));
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].code, "wait.timeout");
  EXPECT_GE(result.items("discard")[0].when, 59s);
  EXPECT_GE(result.elapsed, 60s);
  EXPECT_LT(result.elapsed, 61s);
}

TEST(PipelineRunner, FailsExpansionsAndMembersOfBatches) {
  PipelineRunner runner =
      runner_of(R"({"type": "numbers"}, {"type": "repeat"}, {"type": "sum", "size": 2}, {"type": "discard"})");
  runner.feed("numbers", numbers(3));
  runner.replace("repeat", [](const Integer& in, StageContext&) -> Generator<Integer> { co_yield Integer{in.value}; });
  runner.fail("repeat", Calls::all().of("0"), ItemError(kBusy));
  runner.replace("sum", [](const std::vector<Payload>&) { return Integer{}; });
  runner.fail("sum", Calls::all().of("1"), ItemError(kBusy));
  const PipelineResult result = runner.run();
  EXPECT_EQ(result.report.items.failed, 2U);
  EXPECT_THAT(result.keys("discard"), ElementsAre("2"));
  expect_balanced(result.report);
}

TEST(PipelineRunner, DrainsAndCancelsAtATimeOfTheClock) {
  const auto run = [](bool drains) {
    PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "wait", "time": "1 min"}, {"type": "discard"})");
    runner.feed("numbers", numbers(3));
    if (drains) {
      runner.drain_after(59s);
    } else {
      runner.cancel_after(59s);
    }
    return runner.run();
  };
  EXPECT_EQ(run(true).report.items.done, 3U);
  const PipelineResult cancelled = run(false);
  EXPECT_EQ(cancelled.report.outcome, RunOutcome::cancelled);
  EXPECT_EQ(cancelled.report.items.cancelled, 3U);
  EXPECT_EQ(cancelled.elapsed, 59s);
}

TEST(PipelineRunner, TheSameSeedGivesTheSameRun) {
  PipelineRunner runner =
      runner_of(R"({"type": "numbers", "count": 40}, {"type": "wait"}, {"type": "add"}, {"type": "discard"})");
  const std::vector<std::string> order = runner.run(5).keys("discard");
  EXPECT_EQ(runner.run(5).keys("discard"), order);
  bool is_always_the_same = true;
  for (std::uint64_t seed = 6; seed < 16; ++seed) is_always_the_same &= runner.run(seed).keys("discard") == order;
  EXPECT_FALSE(is_always_the_same);
}

TEST(PipelineRunner, RunsOnThreadsToo) {
  PipelineRunner runner = runner_of(kAdd);
  runner.feed("numbers", numbers(100));
  const PipelineResult result = runner.run_on_threads(2);
  EXPECT_EQ(result.items("discard").size(), 100U);
  expect_balanced(result.report);
  runner.drain_after(1s);
  EXPECT_THAT(refusal([&] { runner.run_on_threads(2); }), HasSubstr("stepped runs"));
}

TEST(PipelineRunner, TellsWhereARunStandsStill) {
  PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "wait"}, {"type": "discard"})");
  runner.feed("numbers", numbers(2));
  runner.replace("wait", [](const Payload& in, StageContext&) -> Task<Payload> {
    Payload out = in;
    Completion<> never;
    co_await never;
    co_return out;
  });
  try {
    runner.run();
    FAIL() << "it ended";
  } catch (const RunStandsStill& error) {
    EXPECT_THAT(error.what(), HasSubstr("2 in stage \"wait\""));
  }
}

TEST(PipelineRunner, RefusesStagesThatThereAreNot) {
  PipelineRunner runner = runner_of(kAdd);
  EXPECT_EQ(refusal([&] { runner.feed("numbrs", {}); }),
            "there is no stage \"numbrs\"; there are: numbers, add, discard; did you mean `numbers`?");
  EXPECT_THAT(refusal([&] { runner.feed("add", {}); }), HasSubstr("stage \"add\": it is no source"));
  EXPECT_THAT(refusal([&] { runner.replace("numbers", [](const Payload&) {}); }), HasSubstr("feed it instead"));
  EXPECT_THAT(refusal([&] { runner.keep("add"); }), HasSubstr("it is no sink"));
  EXPECT_THAT(refusal([&] { runner.delay("add", Calls::all(), 1s); }), HasSubstr("only asynchronous stages"));
  EXPECT_THAT(refusal([&] { runner.drop("numbers", Calls::all(), ""); }), HasSubstr("no sources"));
  const PipelineResult result = runner.run();
  EXPECT_THAT(refusal([&] { result.items("add"); }),
              HasSubstr("there is no collected stage \"add\"; there are: discard"));
  EXPECT_THAT(refusal([&] { result.stage("x"); }), HasSubstr("there is no stage \"x\""));
}

TEST(PipelineRunner, RefusesTypesAndShapesThatDoNotFit) {
  PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "add"}, {"type": "to_text"}, {"type": "print"})");
  EXPECT_EQ(refusal([&] {
              runner.feed("numbers", {{"a", {}, Payload(Text{"x"})}});
            }),
            "stage \"numbers\": it emits payloads of type `integer`, the item \"a\" to feed has one of type `text`");
  EXPECT_EQ(refusal([&] { runner.replace("to_text", [](const Text& in) { return in; }); }),
            "stage \"to_text\": stage \"add\" gives it payloads of type `integer`, the function takes `text`");
  EXPECT_EQ(refusal([&] { runner.replace("to_text", [](const Integer& in) { return in; }); }),
            "stage \"to_text\": it gives payloads of type `text`, the function gives `integer`");
  EXPECT_THAT(refusal([&] { runner.replace("add", [](const Integer&) -> Task<Integer> { co_return Integer{}; }); }),
              HasSubstr("does not fit the kind of the stage"));
}

TEST(PipelineRunner, AReplacementThatGivesAnotherTypeFailsTheItem) {
  PipelineRunner runner = runner_of(kAdd);
  runner.feed("numbers", {number(1)});
  runner.replace("add", [](const Payload&) { return Payload(Text{"one"}); });
  const PipelineResult result = runner.run();
  ASSERT_EQ(result.failures.size(), 1U);
  EXPECT_EQ(result.failures[0].message,
            "the function that replaces the stage \"add\" gave a payload of type `text`, expected `integer`");
}

TEST(PipelineRunner, RefusesErrorsThatTheStageDoesNotDeclare) {
  Registry registry = test::test_registry();
  StageSpec picky = test::add_spec();
  picky.type = "picky";
  picky.errors = {{"picky.no", "No."}, {"picky.http_*", "A family."}};
  registry.add(picky);
  PipelineRunner runner = PipelineRunner::from_string(
      R"({"stages": [{"type": "numbers"}, {"type": "picky"}, {"type": "discard"}]})", registry);
  runner.fail("picky", Calls::nth(1), ItemError("picky.http_404", "gone", Persistence::permanent));
  EXPECT_EQ(refusal([&] { runner.fail("picky", Calls::nth(1), ItemError(kBusy)); }),
            "stage \"picky\": `picky` declares no error `wait.busy`; it declares: picky.no, picky.http_*");
}

TEST(ExpectBalanced, SaysWhatDoesNotAddUp) {
  RunReport report = runner_of(kAdd).run().report;
  expect_balanced(report);
  report.items.done -= 1;
  report.stages[1].waiting = 2;
  report.errors.push_back({.stage = "add", .code = "add.no", .count = 1});
  try {
    expect_balanced(report);
    FAIL() << "it was balanced";
  } catch (const ExpectationFailed& error) {
    EXPECT_STREQ(error.what(),
                 "the books of the run of \"pipeline\" do not balance:\n"
                 "  items: 10 admitted, but 9 done + 0 dropped + 0 failed + 0 cancelled = 9\n"
                 "  stage \"add\": 0 pieces left in its body, 2 before it\n"
                 "  failures: 0 pieces failed unhandled, the list of errors has 1");
  }
}

}  // namespace
}  // namespace penstock::testing
