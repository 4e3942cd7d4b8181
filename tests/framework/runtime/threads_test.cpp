// Which thread runs what, on real threads; and that a run that waits uses none.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/parallel_for.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "tests/support/allowed_threads.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

/// The threads that have been here.
class Visitors {
 public:
  void visit() {
    const std::scoped_lock lock(mutex_);
    ids_.insert(std::this_thread::get_id());
  }
  std::set<std::thread::id> ids() const {
    const std::scoped_lock lock(mutex_);
    return ids_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::thread::id> ids_;
};

bool is_disjoint(const std::set<std::thread::id>& a, const std::set<std::thread::id>& b) {
  return std::none_of(a.begin(), a.end(), [&](std::thread::id id) { return b.contains(id); });
}

TEST(Parallel, RunsAllOfANestedLoop) {
  const AllowedThreads threads(5);
  std::atomic<std::int64_t> sum{0};
  LambdaGraph graph;
  graph.numbers("in", 50);
  graph.transform("sums", [&](std::int64_t n, StageContext& context) {
    context.parallel([&] { oneapi::tbb::parallel_for(0, 100, [&](int i) { sum += i; }); });
    return n;
  });
  EXPECT_EQ(run_on_threads(graph, 4).items.done, 50U);
  EXPECT_EQ(sum, 50 * 4950);
}

TEST(Parallel, NeverPicksUpAnotherItemOnAThreadThatWaitsInIt) {
  const AllowedThreads threads(5);
  static thread_local int bodies_on_this_thread = 0;
  std::atomic<bool> was_nested{false};
  LambdaGraph graph;
  graph.numbers("in", 400);
  graph.transform("sums", [&](std::int64_t n, StageContext& context) {
    if (++bodies_on_this_thread > 1) was_nested = true;
    context.parallel([] {
      oneapi::tbb::parallel_for(0, 64, [](int) {
        const auto until = std::chrono::steady_clock::now() + 5us;
        while (std::chrono::steady_clock::now() < until) {
        }
      });
    });
    --bodies_on_this_thread;
    return n;
  });
  EXPECT_EQ(run_on_threads(graph, 4).items.done, 400U);
  EXPECT_FALSE(was_nested);
}

TEST(Blocking, FiveCallsBlockAtOnceOnFiveThreads) {
  // None of them ends before all have begun; one worker computes meanwhile.
  std::latch all_block(5);
  LambdaGraph graph;
  graph.numbers("in", 5);
  graph
      .blocking("blocks",
                [&](std::int64_t n, StageContext&) {
                  all_block.arrive_and_wait();
                  return n;
                })
      .concurrency(5);
  EXPECT_EQ(run_on_threads(graph, 1).items.done, 5U);
}

TEST(Blocking, WorkRunsNeitherOnAWorkerNorOnTheLoop) {
  Visitors workers;
  Visitors loop;
  Visitors blocking;
  LambdaGraph graph;
  graph.numbers("in", 200).computes();
  graph.transform("computes", [&](std::int64_t n, StageContext&) { return workers.visit(), n; });
  graph.async("waits", [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
    loop.visit();
    auto work = [&] {
      blocking.visit();
      return 2 * n;
    };
    const std::int64_t twice = co_await context.blocking(work);
    loop.visit();
    co_return twice;
  });
  graph.blocking("blocks", [&](std::int64_t n, StageContext&) { return blocking.visit(), n; });
  EXPECT_EQ(run_on_threads(graph, 2).items.done, 200U);
  EXPECT_EQ(loop.ids().size(), 1U);
  EXPECT_TRUE(is_disjoint(blocking.ids(), loop.ids()));
  EXPECT_TRUE(is_disjoint(blocking.ids(), workers.ids()));
  EXPECT_TRUE(is_disjoint(workers.ids(), loop.ids()));
}

TEST(Blocking, WorkGivesItsResultOrItsErrorToTheCoroutine) {
  std::vector<std::int64_t> seen;
  LambdaGraph graph;
  graph.numbers("in", 3);
  graph.async("waits", [](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
    auto work = [n] {
      if (n == 1) throw std::runtime_error("no space left");
      return 10 * n;
    };
    const std::int64_t result = co_await context.blocking(work);
    co_return result;
  });
  graph.sink("out", seen);
  const RunReport report = run_on_threads(graph, 2);
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre(0, 20));
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0].example_message, "no space left");
}

TEST(Sources, ThatAreSlowHandOnWhatTheyHaveMade) {
  const AllowedThreads threads(3);
  std::mutex mutex;
  std::condition_variable came;
  std::int64_t last_seen = -1;
  std::int64_t next = 0;
  LambdaGraph graph;
  graph.source("in", [&](StageContext&) -> std::optional<SourceItem> {
    const auto until = std::chrono::steady_clock::now() + 200us;
    while (std::chrono::steady_clock::now() < until) {
    }
    std::unique_lock lock(mutex);
    // Fails instead of standing still for ever.
    EXPECT_TRUE(came.wait_for(lock, 60s, [&] { return last_seen >= next - 2; })) << "item " << next;
    if (next == 200) return std::nullopt;
    return LambdaGraph::number_item(next++);
  });
  graph.serial("out", [&](std::int64_t n, StageContext&) {
    const std::scoped_lock lock(mutex);
    last_seen = std::max(last_seen, n);
    came.notify_all();
  });
  EXPECT_EQ(run_on_threads(graph, 2).items.done, 200U);
}

TEST(Sources, ThatReadFilesHaveAThreadOfTheirOwn) {
  Visitors workers;
  Visitors source;
  LambdaGraph graph;
  graph.source("in", [&, n = 0](StageContext&) mutable -> std::optional<SourceItem> {
    source.visit();
    if (n == 1000) return std::nullopt;
    return LambdaGraph::number_item(n++);
  });
  graph.transform("computes", [&](std::int64_t n, StageContext&) { return workers.visit(), n; });
  EXPECT_EQ(run_on_threads(graph, 2).items.done, 1000U);
  EXPECT_TRUE(is_disjoint(workers.ids(), source.ids()));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(Idle, ARunThatWaitsUsesNoProcessor) {
  // Item 0 waits for its retry, item 1 for a descriptor, item 2 for a timer, a source for the gate, another for input.
  static constexpr ErrorCode kBusy{"test.busy", "It is busy.", Persistence::transient};
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::latch all_wait(3);
  LambdaGraph graph;
  graph.items(3).numbers("in", 10).computes();
  graph.async_source("silent",
                     [&](SourceOutput&, StageContext& context) -> Task<void> { co_await context.sleep_for(1h); });
  graph
      .async("waits",
             [&](std::int64_t n, StageContext& context) -> Task<std::int64_t> {
               all_wait.count_down();
               if (n == 0) throw ItemError(kBusy).retry_after(1h);
               if (n == 1) co_await context.loop().ready(ends[0], Readiness::readable);
               co_await context.sleep_for(1h);
               co_return n;
             })
      .retry(2, 1h, 2h)
      .from("in", "silent");
  graph.collect("batches", 2);
  runtime::RunState run(graph.build(), {}, runtime::make_tbb_executor(2, 4));
  run.start();
  all_wait.wait();
  usleep(300'000);  // oneTBB's workers look for work for a moment before they sleep.
  const double before = cpu_seconds();
  usleep(2'000'000);
  EXPECT_LT(cpu_seconds() - before, 0.005);
  run.cancel();
  EXPECT_EQ(run.wait().items.cancelled, 3U);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace penstock::test
