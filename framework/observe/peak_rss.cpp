// SPDX-License-Identifier: Apache-2.0
#include "framework/observe/peak_rss.h"

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace penstock::observe {

std::uint64_t peak_rss_bytes() {
  // getrusage() also knows of the process that started this one: what it held at the fork counts there.
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace penstock::observe
