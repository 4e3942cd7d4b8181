// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/stage_runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/stage_spec.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using Verdict = Outcome::Verdict;

constexpr ErrorCode kNegative{"half.negative", "Negative numbers cannot be halved.", Persistence::transient};

struct HalfParams {
  std::int64_t offset = 0;
  Duration delay = 0ns;
};

SourceItem number(std::string key, std::int64_t value) { return {std::move(key), {}, Payload(Integer{value})}; }

class Half final : public Transform<Integer, Maybe<Integer>> {
 public:
  explicit Half(HalfParams params) : params_(params) {}
  Maybe<Integer> process(const Integer& in, StageContext& context) const override {
    context.set_attribute("seen", context.key());
    if (in.value < 0) throw ItemError(kNegative).retry_after(3s);
    if (in.value % 2 != 0) return context.drop("odd");
    return Integer{in.value / 2 + params_.offset};
  }
  std::uint64_t memory_need(const Integer& in, const StageContext&) const {
    return static_cast<std::uint64_t>(in.value);
  }

 private:
  HalfParams params_;
};

StageSpec half_spec() {
  return describe_stage<Half, HalfParams>("half")
      .summary("Halves.")
      .input<Integer>("number", "Even.")
      .output<Integer>("number", "Half of it.")
      .param(&HalfParams::offset, "offset", "Added to the result.", between(0, 10))
      .error(kNegative);
}

class Waiter final : public AsyncTransform<Integer, Integer> {
 public:
  Task<Integer> process(const Integer& in, StageContext& context) override {
    most_ = std::max(most_, ++running_);
    struct Leave {
      int& running;
      ~Leave() { --running; }
    } leave{running_};
    context.set_attribute("most", std::int64_t{most_});
    if (in.value == 0) co_await context.sleep_for(Duration::max());
    co_await context.sleep_for(1ms);
    MemoryCharge charge = co_await context.reserve(static_cast<std::uint64_t>(in.value));
    auto work = [value = in.value] { return value * 2; };
    const std::int64_t doubled = co_await context.blocking(work);
    if (in.value == 13) throw std::runtime_error("unlucky");
    co_return Integer{doubled};
  }

 private:
  int running_ = 0;
  int most_ = 0;
};

StageSpec waiter_spec() {
  return describe_stage<Waiter>("waiter").summary("Waits.").input<Integer>("in", "").output<Integer>("out", "");
}

class Letters final : public Expand<Text, Text> {
 public:
  Generator<Text> process(const Text& in, StageContext& context) const override {
    for (const char letter : in.value) {
      if (letter == '!') throw ItemError(kNegative);
      context.set_attribute("letter", std::string(1, letter));
      Text text{std::string(1, letter)};  // Named: see task.h on g++ 12.
      co_yield std::move(text);
    }
  }
};

StageSpec letters_spec() {
  return describe_stage<Letters>("letters").summary("Splits.").input<Text>("in", "").output<Text>("out", "");
}

class Pairs final : public Collect<Integer, Integer> {
 public:
  std::optional<Integer> add(const Integer& in, StageContext& context) override {
    sum_ += in.value;
    if (++count_ < 2) return std::nullopt;
    return flush(context);
  }
  Integer flush(StageContext&) override {
    count_ = 0;
    return Integer{std::exchange(sum_, 0)};
  }
  std::size_t max_members() const override { return 2; }

 private:
  std::int64_t sum_ = 0;
  int count_ = 0;
};

StageSpec pairs_spec() {
  return describe_stage<Pairs>("pairs").summary("Adds.").input<Integer>("in", "").output<Integer>("out", "");
}

class Parity final : public Route<Integer> {
 public:
  std::vector<std::string> ports() const override { return {"even", "odd"}; }
  std::optional<std::size_t> route(const Integer& in, const StageContext&) const override {
    if (in.value < 0) return std::nullopt;
    return static_cast<std::size_t>(in.value % 2);
  }
};

StageSpec parity_spec() {
  return describe_stage<Parity>("parity").summary("Sorts.").input<Integer>("in", "").output<Integer>("out", "");
}

class Counter final : public Source {
 public:
  std::optional<SourceItem> next(StageContext&) override {
    if (next_ == 5) return std::nullopt;
    ++next_;
    return number(std::to_string(next_), next_);
  }
  std::optional<std::uint64_t> total() const override { return 5; }

 private:
  std::int64_t next_ = 0;
};

StageSpec counter_spec() { return describe_stage<Counter>("counter").summary("Counts.").output<Integer>("out", ""); }

class Ticker final : public AsyncSource {
 public:
  void open(StageContext&) override { thread_ = std::this_thread::get_id(); }
  Task<void> produce(SourceOutput& output, StageContext& context) override {
    EXPECT_EQ(thread_, std::this_thread::get_id());
    for (int i = 0;; ++i) {
      SourceItem item = number(std::to_string(i), i);
      if (!output.try_emit(item)) co_await output.emit(std::move(item));
      co_await context.sleep_for(1us);
    }
  }

 private:
  std::thread::id thread_;
};

StageSpec ticker_spec() { return describe_stage<Ticker>("ticker").summary("Ticks.").output<Integer>("out", ""); }

TEST(StageRunner, TellsWhatATransformEmitted) {
  StageRunner runner(half_spec(), R"({"offset": 1})");
  const Outcome outcome = runner.run(number("a", 8));
  EXPECT_EQ(outcome.verdict, Verdict::emitted);
  EXPECT_EQ(outcome.payload<Integer>().value, 5);
  EXPECT_EQ(*outcome.attributes.find("seen"), AttributeValue("a"));
  EXPECT_EQ(outcome.memory_need, 8U);
}

TEST(StageRunner, TellsWhyAnItemWasDropped) {
  const Outcome outcome = StageRunner(half_spec()).run(number("a", 7));
  EXPECT_EQ(outcome.verdict, Verdict::dropped);
  EXPECT_EQ(outcome.drop_reason, "odd");
}

TEST(StageRunner, TellsHowAnItemFailed) {
  const Outcome outcome = StageRunner(half_spec()).run(number("a", -2));
  EXPECT_EQ(outcome.verdict, Verdict::failed);
  EXPECT_EQ(outcome.code, "half.negative");
  EXPECT_EQ(outcome.message, "Negative numbers cannot be halved.");
  EXPECT_EQ(outcome.persistence, Persistence::transient);
  EXPECT_EQ(outcome.retry_after, 3s);
  EXPECT_EQ(outcome.attributes.find("seen"), nullptr) << "a failed item keeps the attributes it came with";
}

TEST(StageRunner, RefusesOptionsThatDoNotFit) {
  EXPECT_THROW(StageRunner(half_spec(), R"({"offset": 11})"), ConfigError);
  EXPECT_THROW(StageRunner(half_spec(), R"({"offset": "1"})"), ConfigError);
  EXPECT_THROW(StageRunner(half_spec(), R"({"ofset": 1})"), ConfigError);
  EXPECT_THROW(StageRunner(half_spec(), "{"), ConfigError);
}

TEST(StageRunner, RunsAllItemsOfATransformOnThreads) {
  std::vector<SourceItem> items;
  for (int i = 0; i < 500; ++i) items.push_back(number(std::to_string(i), 2 * i));
  StageRunner runner(half_spec());
  const std::vector<Outcome> outcomes = runner.run_all(std::move(items), 4);
  ASSERT_EQ(outcomes.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(outcomes[i].payload<Integer>().value, i);
}

TEST(StageRunner, RunsAsynchronousItemsAtOnceUpToTheConcurrency) {
  std::vector<SourceItem> items;
  for (int i = 1; i <= 40; ++i) items.push_back(number(std::to_string(i), i));
  StageRunner runner(waiter_spec());
  const std::vector<Outcome> outcomes = runner.run_all(std::move(items), 7);
  std::int64_t most = 0;
  for (int i = 1; i <= 40; ++i) {
    const Outcome& outcome = outcomes[i - 1];
    if (i == 13) {
      EXPECT_EQ(outcome.code, "stage.exception");
      EXPECT_EQ(outcome.message, "unlucky");
      continue;
    }
    ASSERT_EQ(outcome.verdict, Verdict::emitted);
    EXPECT_EQ(outcome.payload<Integer>().value, 2 * i);
    most = std::max(most, std::get<std::int64_t>(*outcome.attributes.find("most")));
  }
  EXPECT_EQ(most, 7);
}

TEST(StageRunner, ATimeoutEndsAnAttemptAndNoOther) {
  StageRunner runner(waiter_spec(), "{}", {.timeout = 20ms});
  const Outcome late = runner.run(number("late", 0));
  EXPECT_EQ(late.verdict, Verdict::failed);
  EXPECT_EQ(late.code, "waiter.timeout");
  EXPECT_EQ(late.persistence, Persistence::transient);
}

TEST(StageRunner, CancelStopsWhatRunsAndWhatComesLater) {
  StageRunner runner(waiter_spec());
  std::thread canceller([&runner] { runner.cancel(); });
  EXPECT_EQ(runner.run(number("a", 0)).verdict, Verdict::cancelled);
  canceller.join();
  EXPECT_EQ(runner.run(number("b", 1)).verdict, Verdict::cancelled);
}

TEST(StageRunner, ReservationsBeyondTheMemoryLimitWait) {
  std::vector<SourceItem> items;
  for (int i = 0; i < 30; ++i) items.push_back(number(std::to_string(i), 60));
  StageRunner runner(waiter_spec(), "{}", {.memory_limit = 100});
  runner.run_all(std::move(items), 10);
  EXPECT_EQ(runner.peak_memory_bytes(), 60U);
  EXPECT_EQ(runner.memory_bytes(), 0U);
}

TEST(StageRunner, GivesEachChildOfAnExpansion) {
  const Outcome outcome = StageRunner(letters_spec()).run({"k", {}, Payload(Text{"ab!c"})});
  EXPECT_EQ(outcome.verdict, Verdict::failed);
  ASSERT_EQ(outcome.emitted.size(), 2U);
  EXPECT_EQ(outcome.emitted[1].payload.get<Text>().value, "b");
  EXPECT_EQ(*outcome.emitted[1].attributes.find("letter"), AttributeValue("b"));
}

TEST(StageRunner, ACollectingStageAbsorbsUntilItEmits) {
  StageRunner runner(pairs_spec());
  EXPECT_EQ(runner.run(number("a", 1)).verdict, Verdict::absorbed);
  const Outcome merged = runner.run(number("b", 2));
  EXPECT_EQ(merged.payload<Integer>().value, 3);
  EXPECT_EQ(merged.key, "a");
  runner.run(number("c", 4));
  EXPECT_EQ(runner.flush().payload<Integer>().value, 4);
}

TEST(StageRunner, NamesThePortThatARouteChose) {
  StageRunner runner(parity_spec());
  EXPECT_EQ(runner.run(number("a", 3)).emitted.front().port, "odd");
  EXPECT_EQ(runner.run(number("b", -1)).verdict, Verdict::dropped);
}

TEST(StageRunner, CollectsTheItemsOfASource) {
  StageRunner runner(counter_spec());
  EXPECT_EQ(runner.total(), 5U);
  EXPECT_EQ(runner.collect(2).size(), 2U);
  EXPECT_EQ(runner.collect().back().key, "5");
}

TEST(StageRunner, StopsAnEndlessAsynchronousSourceAtTheLimit) {
  StageRunner runner(ticker_spec());
  const std::vector<SourceItem> items = runner.collect(10);
  ASSERT_EQ(items.size(), 10U);
  EXPECT_EQ(items[9].key, "9");
}

TEST(StageRunner, PayloadsMayOutliveTheRunner) {
  Outcome outcome;
  {
    StageRunner runner(waiter_spec());
    outcome = runner.run(number("a", 5));
  }
  EXPECT_EQ(outcome.payload<Integer>().value, 10);
}

// --- On a manual clock ---

/// Waits as long as its input says, in milliseconds, half of it on a thread that may block.
class Sleeper final : public AsyncTransform<Integer, Integer> {
 public:
  Task<Integer> process(const Integer& in, StageContext& context) override {
    const Integer out = in;
    co_await context.sleep_for(std::chrono::milliseconds(out.value / 2));
    const auto nothing = [] {};
    co_await context.blocking(nothing);
    co_await context.sleep_for(std::chrono::milliseconds(out.value / 2));
    context.set_attribute(
        "when", std::chrono::duration_cast<std::chrono::milliseconds>(context.loop().now().time_since_epoch()).count());
    co_return out;
  }
};

StageSpec sleeper_spec() {
  return describe_stage<Sleeper>("sleeper").summary("Sleeps.").input<Integer>("time", "ms").output<Integer>("time", "");
}

TEST(StageRunnerOnAManualClock, WaitsInNoTimeAndInTheOrderOfTimers) {
  ManualClock clock;
  StageRunner runner(sleeper_spec(), "{}", {.clock = &clock});
  const std::vector<Outcome> outcomes =
      runner.run_all({number("hour", 3'600'000), number("minute", 60'000), number("second", 1000)}, 3);
  EXPECT_EQ(clock.elapsed(), 1h);
  for (const Outcome& outcome : outcomes) {
    EXPECT_EQ(std::get<std::int64_t>(*outcome.attributes.find("when")), outcome.payload<Integer>().value);
  }
}

TEST(StageRunnerOnAManualClock, TimeStandsStillBetweenCalls) {
  ManualClock clock;
  StageRunner runner(sleeper_spec(), "{}", {.timeout = 60s, .clock = &clock});
  EXPECT_EQ(runner.run(number("late", 61'000)).code, "sleeper.timeout");
  EXPECT_EQ(clock.elapsed(), 60s);
  runner.on_loop([](EventLoop& loop) { loop.call_at(loop.now() + 1h, [] { FAIL() << "nobody waits for this"; }); });
  runner.close();
  EXPECT_EQ(clock.elapsed(), 60s);
}

TEST(StageRunnerOnAManualClock, RefusesToWatchDescriptors) {
  ManualClock clock;
  StageRunner runner(sleeper_spec(), "{}", {.clock = &clock});
  EXPECT_THROW(runner.on_loop([](EventLoop& loop) { loop.watch(0, Readiness::readable, [] {}); }), std::logic_error);
}

}  // namespace
}  // namespace penstock::testing
