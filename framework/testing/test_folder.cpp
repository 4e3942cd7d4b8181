// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/test_folder.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "framework/testing/file_text.h"

namespace penstock::testing {

namespace fs = std::filesystem;

TestFolder::TestFolder() : path_((fs::temp_directory_path() / "penstock-test-XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr) throw std::system_error(errno, std::generic_category(), path_);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::map<std::string, std::string> TestFolder::files() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(path_).string()] = read_file(entry.path());
  }
  return files;
}

}  // namespace penstock::testing
