// Payloads that wait on disk while memory is short, so that the limit holds.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "tests/support/environment_variable.h"
#include "tests/support/lambda_graph.h"

namespace penstock::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 100;
constexpr std::uint64_t kLimit = 1000;
constexpr std::int64_t kItems = 24;

std::uint64_t size_of(std::int64_t n) { return 40 + static_cast<std::uint64_t>(n % 4) * 10; }
std::string content_of(std::int64_t n) { return std::string(size_of(n), static_cast<char>('a' + n % 26)); }
std::int64_t number_of(const Payload& in) { return in.get<Bytes>().view().front() - 'a'; }

/// Items load some 50 bytes each; then every third needs `big` bytes, the others 20.
class LoadedGraph {
 public:
  explicit LoadedGraph(std::uint64_t big) {
    graph.memory(kLimit).numbers("in", kItems);
    graph.async("loads", [](std::int64_t n, StageContext& context) -> Task<Payload> {
      MemoryCharge charge = co_await context.reserve(size_of(n));
      Payload loaded(Bytes(content_of(n), std::move(charge)));
      co_return loaded;
    });
    graph.measured(
        "works", [big](const Payload& in) { return number_of(in) % 3 == 0 ? big : 20; },
        [this](const Payload& in, StageContext&) {
          if (in.get<Bytes>().view() != content_of(number_of(in))) ++spoilt;
          if (on_work) on_work();
          return number_of(in);
        });
    graph.sink("out", seen);
  }

  LambdaGraph graph;
  std::vector<std::int64_t> seen;
  int spoilt = 0;
  std::function<void()> on_work;
};

/// How many files without a name this process has open.
std::vector<std::string> nameless_files() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.ends_with("(deleted)")) found.push_back(entry.path());
  }
  return found;
}

/// From now on the file behind /proc/self/fd/N can be neither read nor written.
void make_unreadable(const std::string& file) {
  const int folder = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  EXPECT_GE(::dup2(folder, std::stoi(std::filesystem::path(file).filename())), 0);
  ::close(folder);
}

TEST(SetAside, KeepsAccountedMemoryWithinTheLimit) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LoadedGraph loaded(900);
    const RunReport report = run_on_stepper(loaded.graph, seed);
    EXPECT_EQ(report.items.done, static_cast<std::uint64_t>(kItems));
    EXPECT_LE(report.peak_memory_bytes, kLimit);
  });
}

TEST(SetAside, LetsANeedAboveTheLimitBeAlone) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LoadedGraph loaded(5000);
    const RunReport report = run_on_stepper(loaded.graph, seed);
    EXPECT_EQ(report.items.done, static_cast<std::uint64_t>(kItems));
    EXPECT_LE(report.peak_memory_bytes, 5000 + size_of(3)) << "the need, and the payload that it is for";
  });
}

TEST(SetAside, BringsBackWhatItTook) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LoadedGraph loaded(990);
    bool was_used = false;
    loaded.on_work = [&] { was_used |= !nameless_files().empty(); };
    run_on_stepper(loaded.graph, seed);
    EXPECT_TRUE(was_used);
    EXPECT_EQ(loaded.spoilt, 0);
    std::sort(loaded.seen.begin(), loaded.seen.end());
    for (std::int64_t n = 0; n < kItems; ++n) EXPECT_EQ(loaded.seen.at(static_cast<std::size_t>(n)), n);
    EXPECT_THAT(nameless_files(), ::testing::IsEmpty()) << "the file is gone with the run";
  });
}

TEST(SetAside, TakesTheCopiesOfAFanOutTogether) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LambdaGraph graph;
    graph.memory(kLimit).numbers("in", kItems);
    graph.async("loads", [](std::int64_t n, StageContext& context) -> Task<Payload> {
      MemoryCharge charge = co_await context.reserve(size_of(n));
      Payload loaded(Bytes(content_of(n), std::move(charge)));
      co_return loaded;
    });
    for (const char* name : {"left", "right"}) {
      graph
          .measured(
              name, [](const Payload&) { return std::uint64_t{800}; },
              [](const Payload& in, StageContext&) { return number_of(in); })
          .from("loads");
    }
    const RunReport report = run_on_stepper(graph, seed);
    EXPECT_EQ(report.items.done, static_cast<std::uint64_t>(kItems));
    EXPECT_LE(report.peak_memory_bytes, kLimit);
  });
}

TEST(SetAside, EndsWithTheRunThatIsCancelled) {
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LoadedGraph loaded(990);
    runtime::RunState* running = nullptr;
    int worked = 0;
    loaded.on_work = [&] {
      if (++worked == 2) running->cancel();
    };
    runtime::RunState run(loaded.graph.build(), {}, runtime::make_step_executor(seed));
    running = &run;
    run.start();
    const RunReport& report = run.wait();
    EXPECT_TRUE(report.items.is_balanced());
    EXPECT_GT(report.items.cancelled, 0U);
    EXPECT_EQ(run.progress().memory_bytes, 0U);
  });
}

TEST(SetAside, GoesBeyondTheLimitWhereThereIsNoDisk) {
  const penstock::testing::EnvironmentVariable nowhere("TMPDIR", "/nowhere/at/all");
  for_seeds(kSeeds, [](std::uint64_t seed) {
    LoadedGraph loaded(990);
    const RunReport report = run_on_stepper(loaded.graph, seed);
    EXPECT_EQ(report.items.done, static_cast<std::uint64_t>(kItems));
    EXPECT_EQ(loaded.spoilt, 0);
  });
}

TEST(SetAside, FailsTheItemThatCannotBeBroughtBack) {
  std::uint64_t lost = 0;
  for_seeds(kSeeds, [&](std::uint64_t seed) {
    LoadedGraph loaded(990);
    loaded.on_work = [] {
      for (const std::string& file : nameless_files()) make_unreadable(file);
    };
    std::vector<std::string> codes;
    RunOptions options;
    options.on_failure = [&](const FailureRecord& failure) { codes.push_back(failure.code); };
    const RunReport report = run_on_stepper(loaded.graph, seed, options);
    EXPECT_TRUE(report.items.is_balanced());
    EXPECT_EQ(report.items.failed, codes.size());
    EXPECT_THAT(codes, ::testing::Each("memory.set_aside"));
    EXPECT_EQ(report.items.done + report.items.failed, static_cast<std::uint64_t>(kItems));
    EXPECT_EQ(loaded.spoilt, 0);
    lost += report.items.failed;
  });
  EXPECT_GT(lost, 0U);
}

}  // namespace
}  // namespace penstock::test
