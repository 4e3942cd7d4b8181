// Second attempts: how many, when, and what they hold meanwhile; and the timeout of one attempt.
// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};
constexpr ErrorCode kBad{"test.bad", "It is bad."};
constexpr std::uint64_t kSeeds = 20;

TEST(Retry, GoesOnUntilAnAttemptSucceeds) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> attempts;
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph
        .serial("tries",
                [&](std::int64_t n, StageContext& context) {
                  attempts.push_back(context.attempt());
                  if (context.attempt() < 3) throw ItemError(kBusy);
                  return n;
                })
        .retry(5, 1ms);
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_THAT(attempts, ElementsAre(1, 2, 3));
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 1, .done = 1}));
    EXPECT_EQ(stage_of(report, "tries").retries, 2U);
  });
}

TEST(Retry, GivesUpAfterTheLastAttempt) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> attempts;
    RunOptions options;
    options.on_failure = [&](const FailureRecord& record) { attempts.push_back(record.attempts); };
    LambdaGraph graph;
    graph.numbers("in", 2);
    graph.transform("tries", [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBusy); }).retry(4, 1ms);
    const RunReport report = run_on_stepper(graph, seed, options);
    EXPECT_THAT(attempts, ElementsAre(4, 4));
    EXPECT_EQ(report.items, (ItemCounts{.admitted = 2, .failed = 2}));
    EXPECT_EQ(stage_of(report, "tries").retries, 6U);
  });
}

TEST(Retry, IsNotForPermanentErrors) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.numbers("in", 5);
    graph.transform("tries", [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBad); }).retry(4, 1ms);
    EXPECT_EQ(stage_of(run_on_stepper(graph, seed), "tries").retries, 0U);
  });
}

TEST(Retry, StartsCountingAnewAtTheNextStage) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> attempts;
    LambdaGraph graph;
    graph.numbers("in", 3);
    graph
        .transform("tries",
                   [](std::int64_t n, StageContext& context) {
                     if (context.attempt() == 1) throw ItemError(kBusy);
                     return n;
                   })
        .retry(2, 1ms);
    graph.serial("sees", [&](std::int64_t, StageContext& context) { attempts.push_back(context.attempt()); });
    run_on_stepper(graph, seed);
    EXPECT_THAT(attempts, ElementsAre(1, 1, 1));
  });
}

TEST(Retry, GivesEachAttemptTheInputAsItCame) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::string> seen;
    LambdaGraph graph;
    graph.numbers("in", 1, 9);
    graph
        .serial("tries",
                [&](std::int64_t n, StageContext& context) {
                  seen.push_back(std::to_string(n) + (context.attributes().find("mine") == nullptr ? "" : " mine"));
                  context.set_attribute("mine", true);
                  if (context.attempt() < 3) throw ItemError(kBusy);
                  return n;
                })
        .retry(3, 1ms);
    run_on_stepper(graph, seed);
    EXPECT_THAT(seen, ElementsAre("9", "9", "9"));
  });
}

TEST(Backoff, IsAUniformShareOfACeilingThatDoubles) {
  const graph::RetryOptions options{.attempts = 100, .backoff = 500ms, .max_backoff = 30s};
  for (const double random : {0.0, 0.25, 0.5, 0.999}) {
    const auto share = [&](Duration ceiling) {
      return Duration(static_cast<Duration::rep>(static_cast<double>(ceiling.count()) * random));
    };
    EXPECT_EQ(runtime::backoff_before(2, options, 0ms, random), share(500ms));
    EXPECT_EQ(runtime::backoff_before(3, options, 0ms, random), share(1s));
    EXPECT_EQ(runtime::backoff_before(7, options, 0ms, random), share(16s));
    EXPECT_EQ(runtime::backoff_before(8, options, 0ms, random), share(30s));
  }
}

TEST(Backoff, StaysBelowItsMaximumHoweverManyAttempts) {
  const graph::RetryOptions options{.attempts = 65'000, .backoff = 500ms, .max_backoff = 30s};
  for (unsigned next = 2; next < 65'000; next += 7) {
    const Duration wait = runtime::backoff_before(next, options, 0ms, 0.999);
    ASSERT_GE(wait, 0ns) << next;
    ASSERT_LT(wait, 30s) << next;
  }
}

TEST(Backoff, IsAtLeastWhatTheOtherSideAskedFor) {
  const graph::RetryOptions options{.attempts = 3, .backoff = 500ms, .max_backoff = 30s};
  EXPECT_EQ(runtime::backoff_before(2, options, 7s, 0.5), 7s);
  EXPECT_EQ(runtime::backoff_before(2, options, 100ms, 0.5), 250ms);
}

/// The time between the first two attempts at one item; nothing when there was one only.
std::optional<Duration> wait_after(const ItemError& error, Duration backoff, std::uint64_t seed) {
  std::vector<TimePoint> times;
  LambdaGraph graph;
  graph.numbers("in", 1);
  graph
      .async("tries",
             [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
               times.push_back(context.loop().now());
               if (context.attempt() == 1) throw error;
               co_return n;
             })
      .retry(2, backoff, 30s);
  run_on_stepper(graph, seed);
  if (times.size() < 2) return std::nullopt;
  return times[1] - times[0];
}

TEST(Retry, WaitsWithinTheBackoff) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    const auto waited = wait_after(ItemError(kBusy), 10ms, seed);
    ASSERT_TRUE(waited.has_value());
    EXPECT_GE(*waited, 0ms);
    EXPECT_LT(*waited, 10ms);
  });
}

TEST(Retry, SpreadsItsWaits) {
  std::vector<Duration> waits;
  for_seeds(kSeeds, [&](std::uint64_t seed) { waits.push_back(wait_after(ItemError(kBusy), 10ms, seed).value()); });
  const auto [least, most] = std::minmax_element(waits.begin(), waits.end());
  EXPECT_LT(*least, 3ms);
  EXPECT_GT(*most, 7ms);
}

TEST(Retry, RespectsRetryAfter) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    EXPECT_EQ(wait_after(ItemError(kBusy).retry_after(5s), 1ms, seed), std::optional<Duration>(5s));
  });
}

TEST(Retry, FailsAtOnceWhenRetryAfterIsBeyondMaxBackoff) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<FailureRecord> records;
    RunOptions options;
    options.on_failure = [&](const FailureRecord& record) { records.push_back(record); };
    LambdaGraph graph;
    graph.numbers("in", 1);
    graph
        .transform("tries",
                   [](std::int64_t, StageContext&) -> std::int64_t { throw ItemError(kBusy).retry_after(90s); })
        .retry(5, 1ms, 30s);
    run_on_stepper(graph, seed, options);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].code, "test.busy");
    EXPECT_EQ(records[0].attempts, 1U);
    ASSERT_NE(records[0].attributes.find("retry_after"), nullptr);
    EXPECT_EQ(std::get<double>(*records[0].attributes.find("retry_after")), 90.0);
  });
}

TEST(Retry, HoldsNoSlotWhileItWaits) {
  // Number 0 succeeds only after number 1 has been there: with the only slot kept, it never would.
  for_seeds(kSeeds, [](std::uint64_t seed) {
    for (const bool is_async : {false, true}) {
      bool other_was_here = false;
      const auto visit = [&](std::int64_t n) {
        if (n == 1) other_was_here = true;
        if (!other_was_here) throw ItemError(kBusy);
        return n;
      };
      LambdaGraph graph;
      graph.numbers("in", 2);
      if (is_async) {
        graph.async("tries", [=](std::int64_t n, StageContext&) -> Task<std::int64_t> { co_return visit(n); })
            .concurrency(1)
            .retry(1000, 1ms, 1ms);
      } else {
        graph.transform("tries", [=](std::int64_t n, StageContext&) { return visit(n); })
            .concurrency(1)
            .retry(1000, 1ms, 1ms);
      }
      EXPECT_EQ(run_on_stepper(graph, seed).items, (ItemCounts{.admitted = 2, .done = 2}));
    }
  });
}

TEST(Retry, HoldsItsTokenWhileItWaits) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<std::int64_t> visits;
    LambdaGraph graph;
    graph.items(1).numbers("in", 3);
    graph
        .serial("tries",
                [&](std::int64_t n, StageContext& context) {
                  visits.push_back(n);
                  if (context.attempt() < 3) throw ItemError(kBusy);
                  return n;
                })
        .retry(3, 1ms);
    run_on_stepper(graph, seed);
    EXPECT_THAT(visits, ElementsAre(0, 0, 0, 1, 1, 1, 2, 2, 2));
  });
}

/// Sleeps for `sleeps[attempt - 1]`.
LambdaGraph sleeping_graph(std::vector<Duration> sleeps, unsigned attempts, std::vector<unsigned>& seen) {
  LambdaGraph graph;
  graph.numbers("in", 1);
  graph
      .async("waits",
             [&seen, sleeps](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
               seen.push_back(context.attempt());
               co_await context.sleep_for(sleeps.at(context.attempt() - 1));
               if (context.attempt() < sleeps.size()) throw ItemError(kBusy);
               co_return n;
             })
      .timeout(10ms)
      .retry(attempts, 0ms);
  return graph;
}

TEST(Timeout, FailsTheItemWithACodeOfTheStageType) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> seen;
    const RunReport report = run_on_stepper(sleeping_graph({1h}, 1, seen), seed);
    ASSERT_EQ(report.errors.size(), 1U);
    EXPECT_EQ(report.errors[0].code, "waits_type.timeout");
    EXPECT_EQ(report.errors[0].example_message, "no result within 10 ms");
    EXPECT_LT(report.seconds, 1.0);
  });
}

TEST(Timeout, IsTransient) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> seen;
    const RunReport report = run_on_stepper(sleeping_graph({1h, 1ms}, 2, seen), seed);
    EXPECT_THAT(seen, ElementsAre(1, 2));
    EXPECT_EQ(report.items.done, 1U);
  });
}

TEST(Timeout, CountsAnewForEachAttempt) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> seen;
    const RunReport report = run_on_stepper(sleeping_graph({9ms, 9ms, 9ms}, 3, seen), seed);
    EXPECT_THAT(seen, ElementsAre(1, 2, 3));
    EXPECT_EQ(report.items.done, 1U);
  });
}

TEST(Timeout, DoesNotStopABodyThatIsInTime) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    std::vector<unsigned> seen;
    EXPECT_EQ(run_on_stepper(sleeping_graph({9ms}, 1, seen), seed).items.done, 1U);
  });
}

}  // namespace
}  // namespace penstock::test
