// The patterns of a course on concurrency: the pipelines of configs/patterns/ beside the Python they replace.
//
//     ./dev bench patterns
//
// Each row runs `penstock run` and the script of tests/bench/patterns/ one after the other, and prints wall and
// processor time of both and how much less wall time an item takes. Rows that compute get their input many times over,
// for the program takes longer to start than to factorize four numbers; what an item of a script costs is its time by
// its items. SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace penstock::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Row {
  const char* pattern;
  const char* script;
  std::string argument;  // Of the script.
  std::uint64_t script_items = 1;
  std::uint64_t items = 1;
  const char* input = nullptr;  // A file of the pipeline that is repeated until it has `items` lines.
};

struct Cost {
  double wall = 0;  // Seconds.
  double cpu = 0;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_of_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Of three runs, the one that took the least time.
Cost cost_of(const std::vector<std::string>& command) {
  Cost best{.wall = 1e9};
  for (int i = 0; i < 3; ++i) {
    const double cpu = cpu_of_children();
    const auto begin = std::chrono::steady_clock::now();
    testing::ChildProcess program(command);
    const int exit_code = program.wait();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    if (exit_code != 0) throw std::runtime_error(command.front() + ": " + program.error_output());
    if (wall.count() < best.wall) best = {wall.count(), cpu_of_children() - cpu};
  }
  return best;
}

std::string read(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The pipeline of a row, with its input as often as the row says.
std::string pipeline_for(const Row& row, const testing::TempDir& folder) {
  const std::string file = std::string("configs/patterns/") + row.pattern + ".json";
  if (row.input == nullptr) return file;
  const std::string once = read(std::string("configs/patterns/") + row.input);
  std::string lines;
  const auto each = static_cast<std::uint64_t>(std::count(once.begin(), once.end(), '\n'));
  for (std::uint64_t i = 0; i < row.items; i += each) lines += once;
  Json document = Json::parse(read(file));
  document.erase("$schema");
  document["stages"].front()["path"] = folder.write("input", lines);
  return folder.write("pipeline.json", document.dump());
}

void measure(const Row& row) {
  const testing::TempDir folder;
  const Cost ours = cost_of({PENSTOCK_PROGRAM, "run", pipeline_for(row, folder), "--progress", "never"});
  std::vector<std::string> script = {"/usr/bin/env", "python3", std::string("tests/bench/patterns/") + row.script};
  if (!row.argument.empty()) script.push_back(row.argument);
  const Cost theirs = cost_of(script);
  const double per_item = ours.wall / static_cast<double>(row.items);
  const double per_script_item = theirs.wall / static_cast<double>(row.script_items);
  std::printf("%-16s %-26s %8lu %9.3f %9.3f %9.2f us   %8lu %9.3f %9.3f %12.2f us  %10.1f\n", row.pattern,
              (row.script + (row.argument.empty() ? "" : " " + row.argument)).c_str(),
              static_cast<unsigned long>(row.items), ours.wall, ours.cpu, per_item * 1e6,
              static_cast<unsigned long>(row.script_items), theirs.wall, theirs.cpu, per_script_item * 1e6,
              per_script_item / per_item);
  std::fflush(stdout);
}

double peak_rss(std::uint64_t items) {
  const testing::TempDir folder;
  const std::string count = std::to_string(items);
  const std::string file = folder.write("sleep.json", R"({"limits": {"items": )" + count + R"(}, "stages": [
      {"type": "range", "to": )" + count + R"(}, {"type": "sleep", "duration": "1 s"}]})");
  const std::string report = folder.path("report.json");
  testing::ChildProcess program({PENSTOCK_PROGRAM, "run", file, "--progress", "never", "--report", report});
  if (program.wait() != 0) throw std::runtime_error(program.error_output());
  return nlohmann::json::parse(read(report)).at("peak_rss_bytes").get<double>();
}

void measure_waiting() {
  constexpr std::uint64_t kFew = 100;
  for (const std::uint64_t items : {std::uint64_t{10'000}, std::uint64_t{100'000}}) {
    const double bytes = (peak_rss(items) - peak_rss(kFew)) / static_cast<double>(items - kFew);
    std::printf("%7lu coroutines that wait: %.2f KiB each (a thread has a stack of 8 MiB)\n",
                static_cast<unsigned long>(items), bytes / 1024);
  }
}

}  // namespace
}  // namespace penstock::bench

int main() {
  using namespace penstock::bench;  // NOLINT(google-build-using-namespace): a program of one file.
  try {
    std::printf("%-16s %-26s %8s %9s %9s %12s   %8s %9s %9s %15s  %10s\n", "pattern", "script", "items", "wall s",
                "cpu s", "an item", "items", "wall s", "cpu s", "an item", "ratio");
    for (const Row& row : {
             Row{"factorize", "factorize.py", {}, 4, 200'000, "input/numbers.txt"},
             Row{"factorize", "factorize_threads.py", {}, 4, 200'000, "input/numbers.txt"},
             Row{"gcd", "gcd.py", "serial", 4, 200'000, "input/pairs.jsonl"},
             Row{"gcd", "gcd.py", "threads", 4, 200'000, "input/pairs.jsonl"},
             Row{"gcd", "gcd.py", "processes", 4, 200'000, "input/pairs.jsonl"},
             Row{"blocking_calls", "blocking_calls.py"},
             Row{"timers", "timers.py", {}, 10'000, 100'000},
             Row{"counter", "counter.py", {}, 500'000, 500'000},
             Row{"worker_pipeline", "worker_pipeline.py", {}, 1'000, 1'000},
         }) {
      measure(row);
    }
    std::printf("\n");
    measure_waiting();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "patterns: %s\n", error.what());
    return 1;
  }
}
