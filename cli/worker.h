// The command that nobody types: the worker process of an isolated stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace penstock::cli {

inline constexpr const char* kWorkerCommand = "worker";

/// This program as a worker: for LoadOptions::worker.
std::vector<std::string> worker_command();

/// Runs the worker; the exit code.
int run_worker();

}  // namespace penstock::cli
