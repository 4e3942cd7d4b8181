// SPDX-License-Identifier: Apache-2.0
#include "framework/io/timer_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <vector>

namespace penstock::io {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration since_start) { return TimePoint(since_start); }

TEST(TimerQueue, RunsWhatIsDueInOrderOfTimeThenOfAdding) {
  TimerQueue queue;
  std::vector<int> order;
  queue.add(at(2s), [&] { order.push_back(3); });
  queue.add(at(1s), [&] { order.push_back(1); });
  queue.add(at(1s), [&] { order.push_back(2); });
  queue.add(at(3s), [&] { order.push_back(4); });
  queue.run_due(at(2s));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(queue.next(), at(3s));
}

TEST(TimerQueue, NeverRunsACancelledTimer) {
  TimerQueue queue;
  int runs = 0;
  const auto id = queue.add(at(1s), [&] { ++runs; });
  queue.cancel(id);
  queue.cancel(id);
  queue.run_due(at(5s));
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(TimerQueue, ATimerMayCancelAnotherThatIsDueToo) {
  TimerQueue queue;
  int runs = 0;
  EventLoop::TimerId second = 0;
  queue.add(at(1s), [&] { queue.cancel(second); });
  second = queue.add(at(1s), [&] { ++runs; });
  queue.run_due(at(1s));
  EXPECT_EQ(runs, 0);
}

TEST(TimerQueue, ATimerThatPutsItselfAgainDoesNotStarveTheRest) {
  TimerQueue queue;
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    queue.add(at(0s), again);
  };
  queue.add(at(0s), again);
  queue.run_due(at(1s));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(queue.next(), at(0s));
}

TEST(TimerQueue, AHundredThousandTimersRunOnceEachUnlessCancelled) {
  constexpr int kCount = 100'000;
  TimerQueue queue;
  std::mt19937 random(1);
  std::vector<int> runs(kCount);
  std::vector<EventLoop::TimerId> ids;
  TimePoint last = at(0s);
  for (int i = 0; i < kCount; ++i) {
    const TimePoint when = at(std::chrono::milliseconds(random() % 1000));
    ids.push_back(queue.add(when, [&, i, when] {
      EXPECT_GE(when, last);
      last = when;
      ++runs[i];
    }));
  }
  for (int i = 0; i < kCount; i += 2) queue.cancel(ids[i]);
  queue.run_due(at(1s));
  for (int i = 0; i < kCount; ++i) ASSERT_EQ(runs[i], i % 2) << i;
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace penstock::io
