// SPDX-License-Identifier: Apache-2.0
#include "cli/worker.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "penstock/registry.h"
#include "penstock/worker.h"
#include "stages/builtin.h"

namespace penstock::cli {

std::vector<std::string> worker_command(const std::vector<std::string>& plugins) {
  std::error_code unknown;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (unknown) return {};
  std::vector<std::string> command{program.string(), kWorkerCommand};
  command.insert(command.end(), plugins.begin(), plugins.end());
  return command;
}

int run_worker(std::span<char* const> plugins) {
  Registry registry;
  stages::register_builtin_stages(registry);
  return penstock::run_worker(std::move(registry), plugins);
}

}  // namespace penstock::cli
