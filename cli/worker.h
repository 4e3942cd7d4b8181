// The command that nobody types: the worker process of an isolated stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

namespace penstock::cli {

inline constexpr const char* kWorkerCommand = "worker";

/// This program as a worker that knows the stage types of `plugins`: for LoadOptions::worker.
std::vector<std::string> worker_command(const std::vector<std::string>& plugins);

/// Runs the worker; the exit code.
int run_worker(std::span<char* const> plugins);

}  // namespace penstock::cli
