// Writes files below one folder, each whole or not at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "penstock/error.h"
#include "penstock/unique_fd.h"

namespace penstock::stages {

inline constexpr ErrorCode kRoot{"upload.root", "The folder of the target cannot be made or opened."};
inline constexpr ErrorCode kForbiddenTarget{
    "upload.forbidden_target",
    "The target lies outside the folder that `to` names, by its path or by a symbolic link."};
inline constexpr ErrorCode kNameTooLong{"upload.name_too_long",
                                        "The file name is longer than 255 bytes, or the path than 4,095."};
inline constexpr ErrorCode kDiskFull{"upload.disk_full", "There is no room for the file.", Persistence::transient};
inline constexpr ErrorCode kNotPermitted{"upload.not_permitted", "The file or its folder may not be written."};
inline constexpr ErrorCode kUnwritable{"upload.unwritable", "The file cannot be written for another reason."};

/// A reader of the target sees the old file or the whole new one: data goes to a temporary file beside it
/// (`.penstock-….tmp`) that is then renamed, and removed when that fails.
///
/// Thread safety: const members from any thread. All of them block.
class FileWriter {
 public:
  enum class Overwrite { always, never };
  enum class Durability { os_decides, synced };
  enum class Result { written, exists };

  /// Makes the folder. Throws ItemError kRoot.
  explicit FileWriter(const std::string& root);

  /// The normal form of a path below the root, relative to it. Throws ItemError kForbiddenTarget, kNameTooLong.
  std::string relative(const std::string& path) const;

  /// Writes `data` to the path that relative() gave; makes its parent folders. Symbolic links on the way may lead
  /// anywhere below the root, not out of it. `should_stop` is asked now and then; when it says so, OperationCancelled
  /// is thrown. Throws ItemError.
  Result write(const std::string& target, std::string_view data, Overwrite overwrite, Durability durability,
               const std::function<bool()>& should_stop) const;

 private:
  UniqueFd open_parent(const std::string& folder, Durability durability) const;
  UniqueFd open_folder(const std::string& relative_folder) const;

  std::string root_;  // Absolute, normal, ends in a slash.
  UniqueFd folder_;
};

}  // namespace penstock::stages
