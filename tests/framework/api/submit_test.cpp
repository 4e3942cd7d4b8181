// Waiting for one item: its outcome and what it carried, told exactly once whatever happens.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "penstock/pipeline_builder.h"

namespace penstock {
namespace {

using ::testing::UnorderedElementsAre;

constexpr ErrorCode kOdd{"halve.odd", "The number is odd."};

Registry host_registry() {
  Registry registry;
  register_host_stages(registry);
  return registry;
}

SourceItem number(std::int64_t value) {
  return SourceItem{.key = std::to_string(value), .payload = Payload(Integer{value})};
}

PipelineBuilder from_numbers() {
  PipelineBuilder builder(host_registry());
  builder.stage("input", "", {{"payload", "integer"}});
  return builder;
}

Integer halve(const Integer& in) {
  if (in.value % 2 != 0) throw ItemError(kOdd, "it is " + std::to_string(in.value));
  return {in.value / 2};
}

TEST(Submit, GivesTheResultPayload) {
  penstock::Run run = from_numbers().transform("halve", &halve).stage("output").build().start();
  const ItemResult result = run.input().submit(number(84)).get();
  EXPECT_EQ(result.outcome, ItemOutcome::done);
  EXPECT_EQ(result.key, "84");
  EXPECT_EQ(result.payload<Integer>().value, 42);
}

TEST(Submit, GivesTheFailureWithItsPlace) {
  penstock::Run run = from_numbers().transform("halve", &halve).stage("output").build().start();
  const ItemResult result = run.input().submit(number(7)).get();
  EXPECT_EQ(result.outcome, ItemOutcome::failed);
  EXPECT_EQ(result.stage, "halve");
  EXPECT_EQ(result.code, "halve.odd");
  EXPECT_EQ(result.message, "it is 7");
  EXPECT_EQ(result.attempts, 1U);
  EXPECT_TRUE(result.outputs.empty());
}

TEST(Submit, GivesTheReasonOfADrop) {
  PipelineBuilder builder = from_numbers();
  builder.transform("sieve", [](const Integer&, StageContext& c) -> Maybe<Integer> { return c.drop("not today"); });
  penstock::Run run = builder.stage("output").build().start();
  const ItemResult result = run.input().submit(number(7)).get();
  EXPECT_EQ(result.outcome, ItemOutcome::dropped);
  EXPECT_EQ(result.stage, "sieve");
  EXPECT_EQ(result.message, "not today");
}

TEST(Submit, GathersThePiecesOfAnExpansion) {
  PipelineBuilder builder = from_numbers();
  builder.expand("count", [](const Integer& in) -> Generator<Integer> {
    for (std::int64_t i = 0; i < in.value; ++i) {
      Integer next{i};
      co_yield next;
    }
  });
  penstock::Run run = builder.stage("output").build().start();
  const ItemResult result = run.input().submit(number(3)).get();
  std::vector<std::int64_t> values;
  for (const OutputItem& item : result.outputs) values.push_back(item.payload.get<Integer>().value);
  EXPECT_THAT(values, UnorderedElementsAre(0, 1, 2));
}

TEST(Submit, FailureThatAStageHandlesIsNone) {
  PipelineBuilder builder = from_numbers();
  builder.transform("halve", &halve)
      .transform("apologise", [](const Integer&, StageContext& c) { return Text{"sorry: " + c.key()}; })
      .from("halve.failed")
      .stage("output")
      .from("halve", "apologise");
  penstock::Run run = builder.build().start();
  const ItemResult result = run.input().submit(number(7)).get();
  EXPECT_EQ(result.outcome, ItemOutcome::done);
  EXPECT_EQ(result.payload<Text>().value, "sorry: 7");
}

TEST(Submit, GoesToItsWaiterAndNowhereElse) {
  std::atomic<int> called = 0;
  RunOptions options;
  options.on_output["output"] = [&called](const OutputItem&) { ++called; };
  penstock::Run run = from_numbers().stage("output").build().start(std::move(options));
  Input input = run.input();
  EXPECT_EQ(input.submit(number(1)).get().outputs.size(), 1U);
  input.push(number(2));
  input.close();
  run.wait();
  EXPECT_EQ(called, 1);
}

TEST(Submit, CancelledItemSaysSo) {
  std::latch is_inside(1);
  PipelineBuilder builder = from_numbers();
  builder.async_transform("hang", [&is_inside](const Integer& in, StageContext& context) -> Task<Integer> {
    is_inside.count_down();
    co_await context.sleep_for(std::chrono::hours(1));
    co_return in;
  });
  penstock::Run run = builder.stage("output").build().start();
  std::future<ItemResult> result = run.input().submit(number(1));
  is_inside.wait();
  run.cancel();
  EXPECT_EQ(result.get().outcome, ItemOutcome::cancelled);
}

TEST(Submit, AfterCloseIsRefused) {
  penstock::Run run = from_numbers().stage("output").build().start();
  Input input = run.input();
  input.close();
  const ItemResult result = input.submit(number(1)).get();
  EXPECT_EQ(result.outcome, ItemOutcome::refused);
  EXPECT_EQ(result.key, "1");
  EXPECT_TRUE(input.take_refused().empty()) << "told by the result, not once more";
}

// What a server does: many threads, each sends requests one after the other through one run.
TEST(Submit, EveryOutcomeIsToldOnceToSixtyFourThreads) {
  constexpr int kThreads = 64;
  constexpr int kEach = 10'000;
  PipelineBuilder builder = from_numbers();
  builder.limit_items(256).transform("halve", &halve).concurrency(2).stage("output");
  penstock::Run run = builder.build().start();
  std::vector<std::atomic<std::uint8_t>> told(kThreads * kEach);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t, input = run.input()]() mutable {
        for (int i = 0; i < kEach; ++i) {
          const std::int64_t n = t * kEach + i;
          input.submit(number(n), [&, n](const ItemResult& result) {
            ++told[static_cast<std::size_t>(n)];
            const bool is_right = n % 2 == 0
                                      ? result.outcome == ItemOutcome::done && result.payload<Integer>().value * 2 == n
                                      : result.code == "halve.odd";
            if (!is_right || result.key != std::to_string(n)) ++wrong;
          });
        }
      });
    }
  }
  run.input().close();
  const RunReport& report = run.wait();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(std::all_of(told.begin(), told.end(), [](const auto& times) { return times == 1; }));
  EXPECT_EQ(report.items.done, kThreads * kEach / 2U);
  EXPECT_EQ(report.items.failed, kThreads * kEach / 2U);
  EXPECT_LE(report.peak_items_in_flight, 256U);
}

enum class Stop { close, drain, cancel };

class SubmitWhileStopping : public ::testing::TestWithParam<Stop> {};

// Sixty-four threads submit without end; the run is stopped in the midst of it.
TEST_P(SubmitWhileStopping, LosesNone) {
  constexpr int kThreads = 64;
  PipelineBuilder builder = from_numbers();
  builder.limit_items(32).transform("halve", &halve).stage("output");
  penstock::Run run = builder.build().start();
  std::atomic<std::uint64_t> submitted = 0;
  std::array<std::atomic<std::uint64_t>, 5> outcomes{};
  std::atomic<int> settled = 0;
  std::binary_semaphore under_way(0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, input = run.input()]() mutable {
        for (bool is_open = true; is_open;) {
          ++submitted;
          const ItemResult result = input.submit(number(2)).get();
          ++outcomes[static_cast<std::size_t>(result.outcome)];
          is_open = result.outcome != ItemOutcome::refused;
          if (++settled == 2000) under_way.release();
        }
      });
    }
    under_way.acquire();
    if (GetParam() == Stop::close) run.input().close();
    if (GetParam() == Stop::drain) run.drain();
    if (GetParam() == Stop::cancel) run.cancel();
  }
  const RunReport& report = run.wait();
  const auto told = [&](ItemOutcome outcome) { return outcomes[static_cast<std::size_t>(outcome)].load(); };
  EXPECT_EQ(told(ItemOutcome::refused), static_cast<std::uint64_t>(kThreads)) << "each thread ends with one refusal";
  EXPECT_EQ(told(ItemOutcome::done), report.items.done);
  EXPECT_EQ(told(ItemOutcome::cancelled), report.items.cancelled);
  EXPECT_EQ(submitted, report.items.admitted + told(ItemOutcome::refused));
  EXPECT_TRUE(GetParam() == Stop::cancel || report.items.cancelled == 0);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, SubmitWhileStopping, ::testing::Values(Stop::close, Stop::drain, Stop::cancel), [](const auto& way) {
      return std::string(way.param == Stop::close ? "Close" : way.param == Stop::drain ? "Drain" : "Cancel");
    });

}  // namespace
}  // namespace penstock
