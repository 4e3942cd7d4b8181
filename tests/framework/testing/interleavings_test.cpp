// What seeds are for: minutes of waiting that take no time, and faults between stages that only some order shows.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest-spi.h>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "penstock/testing/gtest.h"
#include "penstock/testing/pipeline_runner.h"
#include "tests/support/test_stages.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

constexpr ErrorCode kBusy{"wait.busy", "The other side is busy.", Persistence::transient};

std::vector<SourceItem> numbers(std::int64_t count) {
  std::vector<SourceItem> items;
  for (std::int64_t i = 0; i < count; ++i) items.push_back({std::to_string(i), {}, Payload(Integer{i})});
  return items;
}

PipelineRunner runner_of(const std::string& stages) {
  return PipelineRunner::from_string(R"({"stages": [)" + stages + "]}", test::test_registry());
}

/// The first of `count` seeds for which `holds` is false; 0: none.
template <class Holds>
std::uint64_t first_seed_against(std::uint64_t count, Holds holds) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    if (!holds(seed)) return seed;
  }
  return 0;
}

TEST(ManualTime, ThreeRetriesAndATimeoutOfAMinutePassWithoutWaiting) {
  PipelineRunner runner = runner_of(R"({"type": "numbers"},
      {"type": "wait", "time": "1 s", "timeout": "60 s", "retry": {"attempts": 4, "backoff": "10 s", "max_backoff": "1 min"}},
      {"type": "discard"})");
  runner.feed("numbers", numbers(2));
  runner.fail("wait", Calls::first(3).of("0"), ItemError(kBusy));
  runner.delay("wait", Calls::all().of("1"), 1h);
  expect_for_each_seed(50, [&](std::uint64_t seed) {
    const PipelineResult result = runner.run(seed);
    expect_balanced(result.report);
    EXPECT_EQ(result.keys("discard"), std::vector<std::string>{"0"});
    EXPECT_EQ(result.stage("wait").retries, 6U);
    ASSERT_EQ(result.failures.size(), 1U);
    EXPECT_EQ(result.failures[0].code, "wait.timeout");
    EXPECT_EQ(result.failures[0].attempts, 4U);
    // Four timeouts of a minute, and three waits between them of at most 10 s, 20 s and 40 s.
    EXPECT_GE(result.elapsed, 4 * 60s);
    EXPECT_LE(result.elapsed, 4 * 60s + 71s);
  });
}

// A sum that is read in one stage and written in a later one, as if nothing could happen between them.
struct Account {
  std::int64_t balance = 0;
  std::map<std::string, std::int64_t> read;
};

constexpr const char* kAccount =
    R"({"type": "numbers"}, {"name": "read", "type": "wait"}, {"name": "write", "type": "running_sum"}, {"type": "discard"})";

PipelineRunner account_runner(Account& account) {
  PipelineRunner runner = runner_of(kAccount);
  runner.feed("numbers", numbers(8));
  runner.replace("read", [&account](const Integer& in, StageContext& context) {
    account.read[context.key()] = account.balance;
    return in;
  });
  return runner;
}

TEST(Interleavings, FindAReadAndAWriteThatAreNotOneStep) {
  Account account;
  PipelineRunner runner = account_runner(account);
  runner.replace("write", [&account](const Integer& in, StageContext& context) {
    account.balance = account.read.at(context.key()) + in.value;  // The fault: others have written meanwhile.
    return in;
  });
  const std::uint64_t seed = first_seed_against(1000, [&](std::uint64_t s) {
    account = {};
    runner.run(s);
    return account.balance == 28;
  });
  EXPECT_NE(seed, 0U) << "1,000 seeds did not find it";
}

TEST(Interleavings, FindNothingWhereTheStepIsOne) {
  Account account;
  PipelineRunner runner = account_runner(account);
  runner.replace("write", [&account](const Integer& in) {
    account.balance += in.value;
    return in;
  });
  EXPECT_EQ(first_seed_against(1000,
                               [&](std::uint64_t seed) {
                                 account = {};
                                 runner.run(seed);
                                 return account.balance == 28;
                               }),
            0U);
}

TEST(Interleavings, FindACoroutineThatForgetsWhatOthersDoWhileItWaits) {
  std::set<std::string> seen;
  int made = 0;
  PipelineRunner runner = runner_of(R"({"type": "numbers"}, {"type": "wait"}, {"type": "discard"})");
  std::vector<SourceItem> items = numbers(2);
  items[1].key = items[0].key;
  runner.feed("numbers", items);
  runner.replace("wait", [&](const Integer& in, StageContext& context) -> Task<Integer> {
    Integer out = in;
    if (seen.contains(context.key())) co_return out;
    co_await context.sleep_for(1ms);  // The fault: both copies may be here.
    seen.insert(context.key());
    ++made;
    co_return out;
  });
  EXPECT_NE(first_seed_against(1000,
                               [&](std::uint64_t seed) {
                                 seen.clear();
                                 made = 0;
                                 runner.run(seed);
                                 return made == 1;
                               }),
            0U);
}

TEST(Interleavings, FindASinkThatCountsOnAnOrderThatNobodyPromised) {
  const auto in_order = [](const char* ordered) {
    PipelineRunner runner = runner_of(std::string(R"({"type": "numbers"}, {"type": "wait", "time": "0 s"},
        {"type": "discard", "concurrency": "serial", "ordered": )") +
                                      ordered + "}");
    runner.feed("numbers", numbers(6));
    runner.delay("wait", Calls::nth(2), 2ms);
    return first_seed_against(1000, [&](std::uint64_t seed) {
      return runner.run(seed).keys("discard") == std::vector<std::string>{"0", "1", "2", "3", "4", "5"};
    });
  };
  EXPECT_NE(in_order("false"), 0U);
  EXPECT_EQ(in_order("true"), 0U);
}

TEST(Seeds, TheFirstThatThrowsIsNamed) {
  std::vector<std::uint64_t> tried;
  try {
    for_each_seed(100, [&tried](std::uint64_t seed) {
      tried.push_back(seed);
      if (seed == 3) throw std::runtime_error("three");
    });
    FAIL() << "nothing was thrown";
  } catch (const SeedFailed& error) {
    EXPECT_STREQ(error.what(), "with seed 3 (run it alone with PENSTOCK_SEED=3): three");
    EXPECT_EQ(error.seed(), 3U);
  }
  EXPECT_EQ(tried, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(Seeds, TheVariableChoosesOne) {
  ::setenv("PENSTOCK_SEED", "17", 1);
  EXPECT_EQ(seeds(1000), std::vector<std::uint64_t>{17});
  ::setenv("PENSTOCK_SEED", "17x", 1);
  EXPECT_THROW(seeds(1000), std::invalid_argument);
  ::unsetenv("PENSTOCK_SEED");
  EXPECT_EQ(seeds(3), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(Seeds, AFailedExpectationNamesItsSeed) {
  EXPECT_NONFATAL_FAILURE(expect_for_each_seed(9, [](std::uint64_t seed) { EXPECT_LT(seed, 9U); }),
                          "with seed 9 (run it alone with PENSTOCK_SEED=9)");
}

}  // namespace
}  // namespace penstock::testing
