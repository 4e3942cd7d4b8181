// SPDX-License-Identifier: Apache-2.0
#include "cli/test_search.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "framework/base/quote.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> test_files_below(const std::string& folder) {
  std::vector<std::string> files;
  try {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && entry.path().string().ends_with(".test.json")) {
        files.push_back(entry.path().string());
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw std::invalid_argument("the folder " + quote(folder) + " cannot be read: " + error.code().message());
  }
  if (files.empty()) throw std::invalid_argument("the folder " + quote(folder) + " has no file *.test.json");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<std::string> find_test_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (fs::is_directory(path)) {
      for (std::string& file : test_files_below(path)) files.push_back(std::move(file));
    } else {
      files.push_back(path);
    }
  }
  return files;
}

}  // namespace penstock::cli
