// Stages written as coroutines: what belongs to which item, and how they end.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/coroutine_transform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "penstock/stage_spec.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::testing {
namespace {

using Verdict = Outcome::Verdict;

constexpr ErrorCode kNegative{"test.negative", "It is negative."};

SourceItem number(std::int64_t value) { return {std::to_string(value), {}, Payload(Integer{value})}; }

template <class S>
StageSpec spec_of(const char* type) {
  return describe_stage<S>(type)
      .summary("Converses.")
      .template input<Integer>("number", "Any.")
      .template output<Integer>("number", "A result.");
}

class Minimum final : public CoroutineTransform<Integer, Integer> {
  Conversation run() override {
    std::int64_t least = INT64_MAX;
    while (const Integer* received = co_await receive()) {
      least = std::min(least, received->value);
      const Integer result{least};
      co_yield result;
    }
  }
};

TEST(CoroutineTransform, KeepsItsStateInItsLocals) {
  StageRunner runner(spec_of<Minimum>("minimum"));
  EXPECT_EQ(runner.run(number(10)).payload<Integer>().value, 10);
  EXPECT_EQ(runner.run(number(4)).payload<Integer>().value, 4);
  EXPECT_EQ(runner.run(number(22)).payload<Integer>().value, 4);
  EXPECT_FALSE(runner.finish().has_value());
}

/// Emits each second number with the sum of both, and the sum of all at the end.
class Pairs final : public CoroutineTransform<Integer, Integer> {
  Conversation run() override {
    std::int64_t total = 0;
    while (const Integer* first = co_await receive()) {
      const std::int64_t kept = first->value;
      total += kept;
      const Integer* second = co_await receive();
      if (second == nullptr) break;
      total += second->value;
      context().set_attribute("pair", std::to_string(kept) + "+" + context().key());
      const Integer sum{kept + second->value};
      co_yield sum;
    }
    const Integer sum{total};
    co_yield sum;
  }
};

TEST(CoroutineTransform, TakesInTheItemsForWhichItYieldsNothing) {
  StageRunner runner(spec_of<Pairs>("pairs"));
  EXPECT_EQ(runner.run(number(1)).verdict, Verdict::absorbed);
  const Outcome second = runner.run(number(2));
  EXPECT_EQ(second.payload<Integer>().value, 3);
  EXPECT_EQ(to_text(*second.attributes.find("pair")), "1+2");
}

TEST(CoroutineTransform, WhatItYieldsAtTheEndIsAnItemOfItsOwn) {
  StageRunner runner(spec_of<Pairs>("pairs"));
  for (const std::int64_t value : {1, 2, 3}) runner.run(number(value));
  const std::optional<Outcome> last = runner.finish();
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->payload<Integer>().value, 6);
  EXPECT_EQ(last->key, "stage");
}

TEST(CoroutineTransform, AnEndWithoutItemsMeetsItsFirstReceive) {
  StageRunner runner(spec_of<Pairs>("pairs"));
  EXPECT_EQ(runner.finish().value().payload<Integer>().value, 0);
}

/// Fails negative numbers, drops zeros, ends at 99, throws at 13.
class Picky final : public CoroutineTransform<Integer, Integer> {
  Conversation run() override {
    while (const Integer* received = co_await receive()) {
      if (received->value == 99) co_return;
      if (received->value == 13) throw std::runtime_error("unlucky");
      if (received->value < 0) {
        co_yield ItemError(kNegative);
      } else if (received->value == 0) {
        co_yield context().drop("zero");
      } else {
        co_yield *received;
      }
      if (received->value == 7) co_yield *received;
    }
  }
};

TEST(CoroutineTransform, YieldsFailuresAndDropsAndGoesOn) {
  StageRunner runner(spec_of<Picky>("picky"));
  EXPECT_EQ(runner.run(number(-1)).code, "test.negative");
  EXPECT_EQ(runner.run(number(0)).drop_reason, "zero");
  EXPECT_EQ(runner.run(number(5)).payload<Integer>().value, 5);
}

TEST(CoroutineTransform, DropsWhatComesAfterItHasReturned) {
  StageRunner runner(spec_of<Picky>("picky"));
  EXPECT_EQ(runner.run(number(99)).verdict, Verdict::absorbed);
  EXPECT_EQ(runner.run(number(5)).drop_reason, "the coroutine has ended");
  EXPECT_FALSE(runner.finish().has_value());
}

TEST(CoroutineTransform, AnExceptionFailsItsItemAndAllLaterOnes) {
  StageRunner runner(spec_of<Picky>("picky"));
  for (const std::int64_t value : {13, 5}) {
    const Outcome outcome = runner.run(number(value));
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_EQ(outcome.message, "unlucky");
  }
}

TEST(CoroutineTransform, ASecondResultForOneItemIsRefused) {
  StageRunner runner(spec_of<Picky>("picky"));
  const Outcome outcome = runner.run(number(7));
  EXPECT_EQ(outcome.verdict, Verdict::failed);
  EXPECT_EQ(outcome.message, "a coroutine stage yielded twice for one item");
}

/// Counts how many of it are alive.
struct Witness {
  explicit Witness(int& alive) : alive_(alive) { ++alive_; }
  ~Witness() { --alive_; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  int& alive_;
};
int g_alive = 0;

class Holds final : public CoroutineTransform<Integer, Integer> {
  Conversation run() override {
    const Witness witness(g_alive);
    while (const Integer* received = co_await receive()) co_yield *received;
  }
};

TEST(CoroutineTransform, IsDestroyedWhereItWaits) {
  {
    StageRunner runner(spec_of<Holds>("holds"));
    runner.run(number(1));
    EXPECT_EQ(g_alive, 1);
  }
  EXPECT_EQ(g_alive, 0);
}

}  // namespace
}  // namespace penstock::testing
