// A subprocess stage in a runner, and what its tests look at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/subprocess/subprocess.h"

namespace penstock::stages {

using testing::Outcome;
using testing::StageRunner;
using testing::StageRunnerOptions;

inline SourceItem item_with(std::string bytes) {
  return {.key = "item", .attributes = {}, .payload = Payload(Bytes(std::move(bytes)))};
}

inline Outcome run_once(std::string_view options, SourceItem item = item_with(""), StageRunnerOptions runner = {}) {
  StageRunner stage(subprocess_spec(), options, std::move(runner));
  return stage.run(std::move(item));
}

/// What one run gave as its payload; the failure instead, where it failed.
inline std::string output_of(std::string_view options, SourceItem item = item_with("")) {
  const Outcome outcome = run_once(options, std::move(item));
  if (outcome.verdict != Outcome::Verdict::emitted) return outcome.code + ": " + outcome.message;
  return std::string(outcome.payload<Bytes>().view());
}

/// True when this process has no child, ended or not.
inline bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG | __WALL) < 0 && errno == ECHILD; }

}  // namespace penstock::stages
