// What nested parallelism gains in `resize` for one photo of 80 megapixels that is turned (EXIF orientation 6): the
// pass over the pixels alone, and the whole stage with decoding and encoding, which run on one core. On one thread and
// on all. SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/resize/pixels.h"
#include "stages/resize/resize.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

constexpr int kWidth = 10'328;
constexpr int kHeight = 7'746;

std::size_t threads_of(const benchmark::State& state) {
  return state.range(0) == 1 ? 1 : std::max(1u, std::thread::hardware_concurrency());
}

void turn_80_megapixels(benchmark::State& state) {
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads_of(state));
  Pixels stored({kWidth, kHeight}, 3);
  std::fill_n(stored.data.get(), stored.bytes(), std::uint8_t{7});
  Pixels canvas({kHeight, kWidth}, 3);
  const Composition how{.orientation = 6, .canvas = {kHeight, kWidth}, .bands = 3};
  constexpr int kRows = 64;
  for (auto _ : state) {
    oneapi::tbb::parallel_for(0, (kWidth + kRows - 1) / kRows, [&](int task) {
      compose_rows(stored, how, canvas, task * kRows, std::min((task + 1) * kRows, kWidth));
    });
  }
}

const std::string& photo() {
  static const std::string data = [] {
    test::TestImage image = test::quarters(kWidth, kHeight);
    for (std::size_t i = 0; i < image.pixels.size(); i += 97) image.pixels[i] ^= 31;
    return test::encode_image(image, ".jpg", 6);
  }();
  return data;
}

void resize_80_megapixels(benchmark::State& state) {
  const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism, threads_of(state));
  testing::StageRunner runner(resize_spec(), R"({"width": 10000})");
  const Payload payload{Bytes(photo())};
  for (auto _ : state) {
    const testing::Outcome outcome = runner.run({.key = "photo", .payload = payload});
    if (outcome.verdict != testing::Outcome::Verdict::emitted) state.SkipWithError(outcome.message.c_str());
  }
}

BENCHMARK(turn_80_megapixels)
    ->Arg(1)
    ->Arg(0)
    ->ArgName("one_thread")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(10)
    ->UseRealTime();
BENCHMARK(resize_80_megapixels)
    ->Arg(1)
    ->Arg(0)
    ->ArgName("one_thread")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3)
    ->UseRealTime();

// The usual table, and the ratios below it.
class RatioReporter final : public benchmark::ConsoleReporter {
 public:
  RatioReporter() : ConsoleReporter(::isatty(STDOUT_FILENO) != 0 ? OO_Defaults : OO_None) {}
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (!run.error_occurred)
        milliseconds_[run.run_name.function_name + "/" + run.run_name.args] = run.GetAdjustedRealTime();
    }
  }
  void Finalize() override {
    for (const char* name : {"turn_80_megapixels", "resize_80_megapixels"}) {
      const double one = milliseconds_[std::string(name) + "/one_thread:1"];
      const double all = milliseconds_[std::string(name) + "/one_thread:0"];
      if (one > 0 && all > 0) std::printf("%s: all threads take %.2f of the time of one\n", name, all / one);
    }
  }

 private:
  std::map<std::string, double> milliseconds_;
};

}  // namespace
}  // namespace penstock::stages

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  penstock::stages::RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
}
