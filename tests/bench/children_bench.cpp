// Starting and reaping children: `subprocess`, beside xargs and GNU parallel, which do nothing else.
// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;

struct Cost {
  double wall = 0;  ///< Milliseconds a child.
  double cpu = 0;   ///< With the children's own.
};

double cpu_of_children() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto milliseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

Cost measure(const std::string& command, int count) {
  const double before = cpu_of_children();
  const Clock::time_point start = Clock::now();
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "children: this failed: %s\n", command.c_str());
    std::exit(1);
  }
  const double wall = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return {wall / count, (cpu_of_children() - before) / count};
}

struct Way {
  std::string name;
  std::string command;
  std::vector<Cost> costs = {};

  Cost median() {
    std::sort(costs.begin(), costs.end(), [](const Cost& a, const Cost& b) { return a.wall < b.wall; });
    return costs[costs.size() / 2];
  }
};

/// Rounds of all of them in turn, so that whatever else the machine does meets each alike.
void compare(int count, int rounds) {
  const testing::TempDir folder;
  const std::string items = std::to_string(count);
  const std::string pipeline = folder.write(
      "p.json",
      R"({"stages": [{"type": "command_lines", "command": ["seq", ")" + items +
          R"("]}, {"type": "subprocess", "command": ["true", "{key}"], "stdout": "discard", "concurrency": 2}]})");
  std::vector<Way> ways = {
      {"penstock", PENSTOCK_PROGRAM " run " + pipeline + " --progress never 2>/dev/null"},
      {"xargs -P2", "seq " + items + " | xargs -P2 -n1 true"},
  };
  if (std::system("parallel --version >/dev/null 2>&1") == 0) {
    ways.push_back({"parallel -j2", "seq " + items + " | parallel -j2 true"});
  }
  for (int round = 0; round < rounds; ++round) {
    for (Way& way : ways) way.costs.push_back(measure(way.command, count));
  }
  std::printf("%d children, two at a time; milliseconds a child, medians of %d rounds\n\n%-14s %8s %8s %8s\n", count,
              rounds, "", "wall", "CPU", "ratio");
  const double own = ways.front().median().wall;
  for (Way& way : ways) {
    const Cost cost = way.median();
    std::printf("%-14s %8.3f %8.3f %8.2f\n", way.name.c_str(), cost.wall, cost.cpu, cost.wall / own);
  }
}

}  // namespace
}  // namespace penstock

int main() { penstock::compare(1'000, 5); }
