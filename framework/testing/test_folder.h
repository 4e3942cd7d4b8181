// A folder of one test's own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace penstock::testing {

/// Removed with all that is in it by the destructor. Throws std::system_error.
class TestFolder {
 public:
  TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder();

  const std::string& path() const { return path_; }
  /// The regular files in it, by their path relative to it, with their contents.
  std::map<std::string, std::string> files() const;

 private:
  std::string path_;
};

}  // namespace penstock::testing
