// Reads files below one folder, and nothing outside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "penstock/error.h"
#include "penstock/unique_fd.h"
#include "stages/common/http_errors.h"

namespace penstock::stages {

inline constexpr ErrorCode kFileRoot{"download.file_root", "The folder `file_root` cannot be opened."};
inline constexpr ErrorCode kForbiddenFile{"download.forbidden_file",
                                          "The file lies outside `file_root`, by its path or by a symbolic link."};
inline constexpr ErrorCode kFileNotFound{"download.file_not_found", "There is no such file."};
inline constexpr ErrorCode kNotAFile{"download.not_a_file", "It is a folder, a device or a pipe, not a regular file."};
inline constexpr ErrorCode kUnreadable{"download.unreadable", "The file cannot be read."};
inline constexpr ErrorCode kFileChanged = http_errors<"download">().truncated;

struct OpenedFile {
  UniqueFd descriptor;
  std::uint64_t size = 0;
};

/// Thread safety: const members from any thread. All of them block.
class FileReader {
 public:
  /// Throws ItemError kFileRoot. The folder itself may be a symbolic link.
  explicit FileReader(const std::string& root);

  /// Opens a regular file for reading. `path` is absolute or counts from the working directory; `..` is resolved by
  /// name before links are followed. Throws ItemError.
  OpenedFile open(const std::string& path) const;

  /// The whole file. Throws ItemError, download.truncated when it shrank since it was opened.
  static std::string read(const OpenedFile& file, const std::string& path);

 private:
  std::string root_;  // Absolute, normal, ends in a slash.
  UniqueFd folder_;
};

}  // namespace penstock::stages
