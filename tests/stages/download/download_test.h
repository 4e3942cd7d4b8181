// What the tests of `download` share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dirent.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/download/download.h"

namespace penstock::testing {

using Verdict = Outcome::Verdict;

/// `network` is "any" unless `options` says else: the servers of these tests are on the loopback interface.
inline StageRunner download_runner(const std::string& options = "", StageRunnerOptions runner = {}) {
  const std::string network = options.find("\"network\"") == std::string::npos ? R"("network": "any")" : "";
  const std::string comma = network.empty() || options.empty() ? "" : ", ";
  return StageRunner(stages::download_spec(), "{" + network + comma + options + "}", std::move(runner));
}

inline std::string text_attribute(const Outcome& outcome, std::string_view name) {
  const AttributeValue* value = outcome.attributes.find(name);
  return value == nullptr ? "(none)" : to_text(*value);
}

inline std::string body_of(const Outcome& outcome) {
  if (outcome.emitted.size() != 1) return "(" + outcome.code + ": " + outcome.message + ")";
  return std::string(outcome.payload<Bytes>().view());
}

/// Open descriptors of this process that are sockets.
inline int open_sockets() {
  int count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (const dirent* entry = ::readdir(folder)) {
    char target[64] = {};
    if (::readlinkat(::dirfd(folder), entry->d_name, target, sizeof target - 1) > 0) {
      count += std::string_view(target).starts_with("socket:");
    }
  }
  ::closedir(folder);
  return count;
}

}  // namespace penstock::testing
