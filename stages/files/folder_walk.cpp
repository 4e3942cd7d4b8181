// Walking a tree by descriptors relative to its root.
// SPDX-License-Identifier: Apache-2.0
#include "stages/files/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace penstock::stages {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string system_message(int error) { return std::generic_category().message(error); }

/// Where the descriptor really is, as the kernel sees it; empty when that cannot be known.
std::string real_path(int descriptor) {
  std::array<char, PATH_MAX> target;
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  if (size <= 0 || static_cast<std::size_t>(size) == target.size()) return {};
  return std::string(target.data(), static_cast<std::size_t>(size));
}

/// The type of an entry; file systems that do not tell it in the listing are asked once more.
unsigned char type_of(int folder, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type;
  struct stat status {};
  if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
  return static_cast<unsigned char>(IFTODT(status.st_mode));
}

}  // namespace

void FolderWalk::open() {
  descriptor_ = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0)
    throw ItemError(kCannotOpenFolder, "cannot open the folder " + root_ + ": " + system_message(errno));
  real_root_ = real_path(descriptor_);
  if (!real_root_.ends_with('/')) real_root_ += '/';
  folders_.clear();
  enter("", glob_.start());
}

void FolderWalk::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  folders_.clear();
}

void FolderWalk::enter(std::string path, Glob::Progress progress) {
  // Without the slash at the end, which would follow a link that has taken the folder's place.
  const std::string name_of_folder = path.empty() ? "." : path.substr(0, path.size() - 1);
  const int descriptor = ::openat(descriptor_, name_of_folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseFolder> listing(descriptor < 0 ? nullptr : ::fdopendir(descriptor));
  if (listing == nullptr) {
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) return;  // Removed or replaced since it was listed.
    throw ItemError(kCannotReadFolder, "cannot read the folder " + root_ + "/" + path + ": " + system_message(error));
  }
  Folder folder{.path = std::move(path), .progress = std::move(progress)};
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(listing.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const unsigned char type = type_of(descriptor, *entry);
    if (type != DT_DIR && type != DT_REG && type != DT_LNK) continue;
    const Glob::Progress after = glob_.step(folder.progress, name);
    if (type == DT_DIR ? !glob_.can_go_on(after) : !glob_.accepts(after)) continue;
    folder.entries.push_back({std::string(name) + (type == DT_DIR ? "/" : ""), type == DT_LNK});
  }
  if (errno != 0) {
    throw ItemError(kCannotReadFolder,
                    "cannot read the folder " + root_ + "/" + folder.path + ": " + system_message(errno));
  }
  std::sort(folder.entries.begin(), folder.entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  folders_.push_back(std::move(folder));
}

std::optional<FoundFile> FolderWalk::next(const std::function<void()>& check_stop) {
  while (!folders_.empty()) {
    check_stop();
    Folder& folder = folders_.back();
    if (folder.next == folder.entries.size()) {
      folders_.pop_back();
      continue;
    }
    const Entry entry = std::move(folder.entries[folder.next++]);
    std::string path = folder.path + entry.name;
    if (entry.name.ends_with('/')) {
      Glob::Progress progress =
          glob_.step(folder.progress, std::string_view(entry.name).substr(0, entry.name.size() - 1));
      enter(std::move(path), std::move(progress));
      continue;
    }
    const std::optional<std::uint64_t> bytes = entry.is_link ? size_of_link(path) : size_of_file(path);
    if (bytes) return FoundFile{std::move(path), *bytes};
  }
  return std::nullopt;
}

std::optional<std::uint64_t> FolderWalk::size_of_file(const std::string& path) const {
  struct stat status {};
  if (::fstatat(descriptor_, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw ItemError(kCannotReadFolder, "cannot read " + root_ + "/" + path + ": " + system_message(errno));
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

std::optional<std::uint64_t> FolderWalk::size_of_link(const std::string& path) const {
  const int target = ::openat(descriptor_, path.c_str(), O_PATH | O_CLOEXEC);
  if (target < 0) return std::nullopt;  // Leads nowhere, or in circles.
  struct stat status {};
  const bool is_file = ::fstat(target, &status) == 0 && S_ISREG(status.st_mode);
  const bool is_inside = real_path(target).starts_with(real_root_);
  ::close(target);
  if (!is_file || !is_inside) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace penstock::stages
