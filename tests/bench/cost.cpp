// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/cost.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

namespace penstock::bench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// The first line of /proc/stat: `cpu`, then clock ticks in user, nice, system, idle, waiting for the disk … (proc(5)).
double idle_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  double user = 0;
  double nice = 0;
  double system = 0;
  double idle = 0;
  double waiting = 0;
  file >> name >> user >> nice >> system >> idle >> waiting;
  return (idle + waiting) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

Cost cost_of(const std::function<void()>& work) {
  rusage before{};
  rusage after{};
  const auto begin = std::chrono::steady_clock::now();
  const double idle = idle_seconds();
  ::getrusage(RUSAGE_SELF, &before);
  work();
  ::getrusage(RUSAGE_SELF, &after);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {.elapsed = elapsed.count(),
          .user = seconds(after.ru_utime) - seconds(before.ru_utime),
          .system = seconds(after.ru_stime) - seconds(before.ru_stime),
          .idle = idle_seconds() - idle};
}

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {.least = values.front(), .median = median, .most = values.back()};
}

}  // namespace penstock::bench
