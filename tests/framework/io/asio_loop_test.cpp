// SPDX-License-Identifier: Apache-2.0
#include "framework/io/asio_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace penstock::io {
namespace {

using namespace std::chrono_literals;

/// A started loop; on() runs something on it and waits for the result.
struct RunningLoop {
  RunningLoop() { loop.start(); }
  template <class Work>
  auto on(Work work) {
    std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
    auto result = task.get_future();
    loop.post([&task] { task(); });
    return result.get();
  }
  AsioLoop loop;
};

struct SocketPair {
  SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  ~SocketPair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void say(const std::string& text) { EXPECT_EQ(::write(ends[1], text.data(), text.size()), std::ssize(text)); }
  int ends[2];
};

TEST(AsioLoop, RunsPostedWorkInOrderOnItsOwnThread) {
  RunningLoop running;
  std::vector<int> order;
  std::atomic<bool> all_on_loop = true;
  for (int i = 0; i < 1000; ++i) {
    running.loop.post([&, i] {
      order.push_back(i);
      if (!running.loop.is_loop_thread()) all_on_loop = false;
    });
  }
  running.on([] {});
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(order[i], i);
  EXPECT_TRUE(all_on_loop);
  EXPECT_FALSE(running.loop.is_loop_thread());
}

TEST(AsioLoop, LosesNothingThatManyThreadsPost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  AsioLoop loop;
  loop.start();
  int runs = 0;  // Only the loop touches it.
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) loop.post([&runs] { ++runs; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  loop.stop();
  EXPECT_EQ(runs, kThreads * kEach);
}

TEST(AsioLoop, PostNeverRunsTheWorkBeforeItReturns) {
  RunningLoop running;
  const bool ran_inside = running.on([&running] {
    auto ran = std::make_shared<bool>(false);
    running.loop.post([ran] { *ran = true; });
    return *ran;
  });
  EXPECT_FALSE(ran_inside);
}

TEST(AsioLoop, WorkPostedBeforeTheStartRunsAfterIt) {
  AsioLoop loop;
  int runs = 0;
  loop.post([&runs] { ++runs; });
  EXPECT_EQ(runs, 0);
  loop.start();
  loop.stop();
  EXPECT_EQ(runs, 1);
}

TEST(AsioLoop, MayBeStartedAgain) {
  AsioLoop loop;
  int runs = 0;
  for (int i = 0; i < 3; ++i) {
    loop.start();
    loop.post([&runs] { ++runs; });
    loop.stop();
  }
  EXPECT_EQ(runs, 3);
}

TEST(AsioLoop, DestroysWhatItNeverRan) {
  auto held = std::make_shared<int>(1);
  {
    AsioLoop loop;
    loop.start();
    loop.post([&loop, held] {
      loop.call_at(loop.now() + 1h, [held] {});
      loop.post([&loop, held] { loop.post([held] {}); });
    });
    loop.stop();
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(AsioLoop, AnEarlierTimerOvertakesALaterOne) {
  RunningLoop running;
  std::promise<std::string> order;
  auto text = std::make_shared<std::string>();
  running.loop.post([&, text] {
    const TimePoint now = running.loop.now();
    running.loop.call_at(now + 30ms, [&, text] { order.set_value(*text + "b"); });
    running.loop.call_at(now + 1ms, [text] { *text += "a"; });
  });
  EXPECT_EQ(order.get_future().get(), "ab");
}

TEST(AsioLoop, RunsNoTimerBeforeItsTime) {
  RunningLoop running;
  std::promise<bool> in_time;
  running.loop.post([&] {
    const TimePoint when = running.loop.now() + 5ms;
    running.loop.call_at(when, [&, when] { in_time.set_value(running.loop.now() >= when); });
  });
  EXPECT_TRUE(in_time.get_future().get());
}

TEST(AsioLoop, AHundredThousandTimersAllRun) {
  constexpr int kCount = 100'000;
  RunningLoop running;
  std::promise<void> all;
  int runs = 0;
  running.loop.post([&] {
    const TimePoint now = running.loop.now();
    for (int i = 0; i < kCount; ++i) {
      running.loop.call_at(now + std::chrono::microseconds(i % 1000), [&] {
        if (++runs == kCount) all.set_value();
      });
    }
  });
  all.get_future().get();
  EXPECT_EQ(runs, kCount);
}

TEST(AsioLoop, AWatchIsLevelTriggered) {
  RunningLoop running;
  SocketPair pair;
  pair.say("abc");
  std::promise<std::string> read;
  auto text = std::make_shared<std::string>();
  auto id = std::make_shared<EventLoop::WatchId>();
  running.loop.post([&, text, id] {
    *id = running.loop.watch(pair.ends[0], Readiness::readable, [&, text, id] {
      char byte = 0;
      ASSERT_EQ(::read(pair.ends[0], &byte, 1), 1);  // One byte of several at a time: it must be called again.
      *text += byte;
      if (text->size() < 3) return;
      running.loop.unwatch(*id);
      read.set_value(*text);
    });
  });
  EXPECT_EQ(read.get_future().get(), "abc");
}

TEST(AsioLoop, ADescriptorCanBeWatchedInBothDirectionsAndAgain) {
  RunningLoop running;
  SocketPair pair;
  for (int round = 0; round < 3; ++round) {
    std::promise<void> writable;
    std::promise<void> readable;
    EventLoop::WatchId reading = 0;
    EventLoop::WatchId writing = 0;
    running.on([&] {
      reading = running.loop.watch(pair.ends[0], Readiness::readable, [&] {
        running.loop.unwatch(reading);
        char byte = 0;
        EXPECT_EQ(::read(pair.ends[0], &byte, 1), 1);
        readable.set_value();
      });
      writing = running.loop.watch(pair.ends[0], Readiness::writable, [&] {
        running.loop.unwatch(writing);
        writable.set_value();
      });
    });
    writable.get_future().get();
    pair.say("x");
    readable.get_future().get();
  }
}

TEST(AsioLoop, AnUnwatchedDescriptorMayBeClosedAndItsNumberUsedAnew) {
  RunningLoop running;
  for (int round = 0; round < 50; ++round) {
    SocketPair pair;
    pair.say("x");
    std::promise<void> seen;
    EventLoop::WatchId id = 0;
    running.on([&] {
      const auto silent = running.loop.watch(pair.ends[0], Readiness::readable, [] { FAIL() << "unwatched"; });
      running.loop.unwatch(silent);
      id = running.loop.watch(pair.ends[0], Readiness::readable, [&] {
        running.loop.unwatch(id);
        seen.set_value();
      });
    });
    seen.get_future().get();
  }
}

TEST(AsioLoop, NeverClosesAWatchedDescriptor) {
  SocketPair pair;
  {
    RunningLoop running;
    running.on([&] { running.loop.watch(pair.ends[0], Readiness::readable, [] {}); });
  }
  EXPECT_NE(::fcntl(pair.ends[0], F_GETFD), -1);
}

TEST(AsioLoop, RefusesADescriptorThatIsNotOpen) {
  RunningLoop running;
  EXPECT_THROW(running.on([&] { return running.loop.watch(9999, Readiness::readable, [] {}); }), std::system_error);
}

TEST(AsioLoop, SleepsWhileThereIsNothingToDo) {
  RunningLoop running;
  SocketPair pair;
  const auto cpu = [&running] {
    return running.on([] {
      timespec used{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
      return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
    });
  };
  running.on([&] {
    running.loop.watch(pair.ends[0], Readiness::readable, [] {});
    running.loop.call_at(running.loop.now() + 1h, [] {});
  });
  const auto before = cpu();
  std::promise<void> later;
  running.loop.post([&] { running.loop.call_at(running.loop.now() + 200ms, [&] { later.set_value(); }); });
  later.get_future().get();
  EXPECT_LT(cpu() - before, 20ms);
}

/// Runs a task on the loop and waits for its end; true when it was cancelled.
bool run(RunningLoop& running, Operation& operation, std::function<Task<void>()> make) {
  std::promise<bool> cancelled;
  struct Follow {
    static Task<void> body(std::function<Task<void>()> start, std::promise<bool>* result) {
      bool is_cancelled = false;
      try {
        co_await start();
      } catch (const OperationCancelled&) {
        is_cancelled = true;
      }
      result->set_value(is_cancelled);
    }
  };
  std::optional<Task<void>> task;
  running.loop.post([&] {
    task.emplace(Follow::body(std::move(make), &cancelled));
    task->start(operation);
  });
  const bool result = cancelled.get_future().get();
  running.on([&task] { task.reset(); });
  return result;
}

TEST(EventLoop, SleepForWakesAfterItsDelay) {
  RunningLoop running;
  Operation operation;
  const TimePoint start = running.loop.now();
  EXPECT_FALSE(run(running, operation, [&] { return running.loop.sleep_for(3ms); }));
  EXPECT_GE(running.loop.now() - start, 3ms);
}

TEST(EventLoop, StoppingTheOperationEndsASleepForEver) {
  RunningLoop running;
  Operation operation;
  std::thread stopper(
      [&] { running.loop.post([&] { running.loop.call_at(running.loop.now() + 5ms, [&] { operation.stop(); }); }); });
  EXPECT_TRUE(run(running, operation, [&] { return running.loop.sleep_for(Duration::max()); }));
  stopper.join();
}

TEST(EventLoop, ReadyWaitsForTheDescriptor) {
  RunningLoop running;
  Operation operation;
  SocketPair pair;
  running.loop.post([&] { running.loop.call_at(running.loop.now() + 2ms, [&] { pair.say("x"); }); });
  EXPECT_FALSE(run(running, operation, [&] { return running.loop.ready(pair.ends[0], Readiness::readable); }));
  char byte = 0;
  EXPECT_EQ(::read(pair.ends[0], &byte, 1), 1);
}

TEST(EventLoop, StoppingTheOperationEndsAWaitForASilentDescriptor) {
  RunningLoop running;
  Operation operation;
  SocketPair pair;
  running.loop.post([&] { running.loop.call_at(running.loop.now() + 2ms, [&] { operation.stop(); }); });
  EXPECT_TRUE(run(running, operation, [&] { return running.loop.ready(pair.ends[0], Readiness::readable); }));
}

TEST(EventLoop, ReadyReturnsAtOnceForARegularFile) {
  RunningLoop running;
  Operation operation;
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  EXPECT_FALSE(run(running, operation, [&] { return running.loop.ready(file, Readiness::readable); }));
  ::close(file);
}

}  // namespace
}  // namespace penstock::io
