// SPDX-License-Identifier: Apache-2.0
#include "cli/worker.h"

#include <filesystem>
#include <system_error>

#include "penstock/registry.h"
#include "penstock/worker.h"
#include "stages/builtin.h"

namespace penstock::cli {

std::vector<std::string> worker_command() {
  std::error_code unknown;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (unknown) return {};
  return {program.string(), kWorkerCommand};
}

int run_worker() {
  Registry registry;
  stages::register_builtin_stages(registry);
  return penstock::run_worker(registry);
}

}  // namespace penstock::cli
