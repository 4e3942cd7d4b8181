// SPDX-License-Identifier: Apache-2.0
#include "tests/cases/case_folder.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "stages/builtin.h"

namespace penstock::cases {
namespace {

constexpr const char* kCases = "tests/cases";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Variables that are set for its lifetime.
class ScopedEnvironment {
 public:
  explicit ScopedEnvironment(const std::map<std::string, std::string>& variables) : variables_(variables) {
    for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;
  ~ScopedEnvironment() {
    for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
  }

 private:
  const std::map<std::string, std::string>& variables_;
};

std::vector<Diagnostic> without_folder(std::vector<Diagnostic> found, const std::string& file) {
  for (Diagnostic& diagnostic : found) {
    if (diagnostic.where.file == file) diagnostic.where.file = "pipeline.json";
  }
  return found;
}

}  // namespace

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCases)) {
    if (std::filesystem::exists(entry.path() / "pipeline.json")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

CaseFolder::CaseFolder(const std::string& name) : folder_(std::filesystem::path(kCases) / name) {
  const std::optional<std::string> given = text("given.json");
  if (!given) return;
  const nlohmann::json parsed = nlohmann::json::parse(*given);
  for (const auto& [key, value] : parsed.items()) {
    if (key == "parameters") {
      parameters_ = value;
    } else if (key == "environment") {
      environment_ = value;
    } else {
      throw std::runtime_error(name + "/given.json: unknown key " + key);
    }
  }
}

std::optional<std::string> CaseFolder::text(const std::string& file) const {
  if (!std::filesystem::exists(folder_ / file)) return std::nullopt;
  return read(folder_ / file);
}

Pipeline CaseFolder::load_copy(const std::string& to) const {
  std::filesystem::copy(folder_, to, std::filesystem::copy_options::recursive);
  const ScopedEnvironment environment(environment_);
  Registry registry;
  stages::register_builtin_stages(registry);
  const std::string file = to + "/pipeline.json";
  try {
    return Pipeline::from_file(file, registry, {.parameters = parameters_, .base = {}});
  } catch (const ConfigError& error) {
    throw ConfigError(without_folder(error.diagnostics(), file));
  }
}

std::map<std::string, std::string> files_below(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files[std::filesystem::relative(entry.path(), folder).string()] = read(entry.path());
  }
  return files;
}

}  // namespace penstock::cases
