// The regular files below a folder, in the order of their paths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "penstock/error.h"
#include "stages/common/glob.h"

namespace penstock::stages {

inline constexpr ErrorCode kCannotOpenFolder{"files.cannot_open", "The folder `root` cannot be opened."};
inline constexpr ErrorCode kCannotReadFolder{"files.cannot_read", "A folder below `root` cannot be read."};

struct FoundFile {
  std::string path;  ///< Relative to the root, with `/`; any bytes but NUL.
  std::uint64_t bytes = 0;
};

/// Walks a tree, folder by folder; holds the names of the folders on the way down only.
///
/// Files come in the order of their paths, byte by byte. A symbolic link to a file is that file if it lies below the
/// root, and is skipped otherwise. Links to folders are skipped: what they lead to is found in its own place if it
/// lies below the root, and no loop is possible. So are devices, pipes and sockets, and what vanishes meanwhile.
class FolderWalk {
 public:
  FolderWalk(std::string root, Glob glob) : root_(std::move(root)), glob_(std::move(glob)) {}
  FolderWalk(const FolderWalk&) = delete;
  FolderWalk& operator=(const FolderWalk&) = delete;
  ~FolderWalk() { close(); }

  /// Throws ItemError kCannotOpenFolder.
  void open();
  void close();

  /// The next file, or nothing at the end. Throws ItemError kCannotReadFolder, or what `check_stop` throws; that is
  /// called for every entry. REQUIRES: open.
  std::optional<FoundFile> next(const std::function<void()>& check_stop);

 private:
  struct Entry {
    std::string name;  ///< Folders end in `/`, so that they sort as their contents' paths do.
    bool is_link = false;
  };
  struct Folder {
    std::string path;  ///< Empty for the root, else ends in `/`.
    Glob::Progress progress;
    std::vector<Entry> entries;
    std::size_t next = 0;
  };

  void enter(std::string path, Glob::Progress progress);
  std::optional<std::uint64_t> size_of_file(const std::string& path) const;
  std::optional<std::uint64_t> size_of_link(const std::string& path) const;

  std::string root_;
  Glob glob_;
  int descriptor_ = -1;
  std::string real_root_;  ///< Without links, ends in `/`.
  std::vector<Folder> folders_;
};

}  // namespace penstock::stages
