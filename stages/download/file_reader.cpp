// Reads files below one folder, and nothing outside it.
//
// The kernel resolves the path (openat2 with RESOLVE_BENEATH, Linux 5.6): a symbolic link that is swapped in between a
// check and the opening cannot lead out. Where that call is missing, the real path is compared instead.
// SPDX-License-Identifier: Apache-2.0
#include "stages/download/file_reader.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

namespace penstock::stages {
namespace {

// O_NONBLOCK: opening a pipe must not wait for a writer.
constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

std::string error_words() { return std::strerror(errno); }

[[noreturn]] void refuse(const std::string& path, const std::string& root) {
  throw ItemError(kForbiddenFile, "`" + path + "` lies outside `file_root` (" + root + ")");
}

int open_beneath(int folder, const std::string& relative) {
  open_how how{};
  how.flags = kFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, folder, relative.c_str(), &how, sizeof how));
}

int open_real_path(const std::string& root, const std::string& path) {
  using RealPath = std::unique_ptr<char, decltype(&std::free)>;
  const RealPath real_root(::realpath(root.c_str(), nullptr), &std::free);
  if (!real_root) return -1;
  const RealPath real(::realpath(path.c_str(), nullptr), &std::free);
  if (!real) return -1;
  if (!std::string(real.get()).starts_with(std::string(real_root.get()) + "/")) {
    errno = EXDEV;
    return -1;
  }
  return ::open(real.get(), kFlags | O_NOFOLLOW);
}

}  // namespace

FileReader::FileReader(const std::string& root)
    : root_(absolute(root)), folder_(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_) throw ItemError(kFileRoot, "`file_root` (" + root_ + ") cannot be opened: " + error_words());
  if (root_.back() != '/') root_ += '/';
}

OpenedFile FileReader::open(const std::string& path) const {
  const std::string target = absolute(path);
  if (!target.starts_with(root_) || target.size() == root_.size()) refuse(path, root_);
  OpenedFile file;
  file.descriptor = UniqueFd(open_beneath(folder_.get(), target.substr(root_.size())));
  // Old container runtimes answer EPERM to calls that they do not know.
  if (!file.descriptor && (errno == ENOSYS || errno == EPERM))
    file.descriptor = UniqueFd(open_real_path(root_, target));
  if (!file.descriptor) {
    if (errno == EXDEV) refuse(path, root_);
    if (errno == ENOENT || errno == ENOTDIR) throw ItemError(kFileNotFound, "there is no file `" + target + "`");
    if (errno == ENXIO) throw ItemError(kNotAFile, "`" + target + "` is not a regular file");
    throw ItemError(kUnreadable, "`" + target + "` cannot be opened: " + error_words());
  }
  struct stat status {};
  if (::fstat(file.descriptor.get(), &status) != 0) {
    throw ItemError(kUnreadable, "`" + target + "` cannot be examined: " + error_words());
  }
  if (!S_ISREG(status.st_mode)) throw ItemError(kNotAFile, "`" + target + "` is not a regular file");
  file.size = static_cast<std::uint64_t>(status.st_size);
  return file;
}

std::string FileReader::read(const OpenedFile& file, const std::string& path) {
  std::string data(file.size, '\0');
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t count = ::read(file.descriptor.get(), data.data() + done, data.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw ItemError(kUnreadable, "`" + path + "` cannot be read: " + error_words());
    if (count == 0) throw ItemError(kFileChanged, "`" + path + "` became shorter while it was read");
    done += static_cast<std::size_t>(count);
  }
  return data;
}

}  // namespace penstock::stages
