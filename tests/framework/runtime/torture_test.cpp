// Thousands of random graphs: the equation, the bounds, order, close once, termination.
//
// PENSTOCK_TORTURE_GRAPHS sets how many, PENSTOCK_TORTURE_SEED where to begin: a failing seed is run again alone by
// PENSTOCK_TORTURE_SEED=<seed> PENSTOCK_TORTURE_GRAPHS=1.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "framework/runtime/step_executor.h"
#include "framework/runtime/tbb_executor.h"
#include "tests/framework/runtime/torture_graph.h"

namespace penstock::torture {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::atomic<std::uint64_t> running_seed{0};

/// The engine ends the process when its books do not balance: the seed must not get lost.
void tell_seed(int signal) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "seed %llu ended the process\n",
                                 static_cast<unsigned long long>(running_seed.load()));
  if (size > 0 && ::write(STDERR_FILENO, text, static_cast<std::size_t>(size)) < 0) std::_Exit(1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

constexpr std::uint64_t kGraphs = 20'000;
constexpr int kComplaintsShown = 5;

template <class MakeExecutor>
void run_many(std::uint64_t graphs, Threads threads, MakeExecutor make_executor) {
  const std::uint64_t first = from_environment("PENSTOCK_TORTURE_SEED", 1);
  const std::uint64_t count = from_environment("PENSTOCK_TORTURE_GRAPHS", graphs);
  const bool is_loud = std::getenv("PENSTOCK_TORTURE_LOUD") != nullptr;
  int complaints = 0;
  for (const int signal : {SIGABRT, SIGSEGV}) std::signal(signal, tell_seed);
  for (std::uint64_t seed = first; seed < first + count && complaints < kComplaintsShown; ++seed) {
    running_seed = seed;
    if (is_loud)
      std::fprintf(stderr, "seed %llu\n%s", static_cast<unsigned long long>(seed),
                   describe(*make_torture_graph(seed)).c_str());
    if (const auto wrong = torture(seed, make_executor(seed), threads)) {
      ADD_FAILURE() << *wrong;
      ++complaints;
    }
  }
  std::printf("%llu graphs from seed %llu\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(first));
}

unsigned workers_of(std::uint64_t seed) { return static_cast<unsigned>(1 + seed % 4); }

TEST(Torture, RandomGraphsKeepEveryPromiseOnTheStepper) {
  run_many(kGraphs, Threads::one,
           [](std::uint64_t seed) { return runtime::make_step_executor(seed * 31 + 7, workers_of(seed)); });
}

TEST(Torture, RandomGraphsKeepEveryPromiseOnAStepperWhoseJobsMayBeAhead) {
  run_many(kGraphs, Threads::one_ahead, [](std::uint64_t seed) {
    return runtime::make_step_executor(seed * 31 + 7, workers_of(seed), runtime::Jobs::sometimes_ahead);
  });
}

TEST(Torture, RandomGraphsKeepEveryPromiseOnRealThreads) {
  run_many(kGraphs / 50, Threads::many,
           [](std::uint64_t seed) { return runtime::make_tbb_executor(workers_of(seed), 16); });
}

}  // namespace
}  // namespace penstock::torture
