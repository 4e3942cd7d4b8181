// Writes files below one folder, each whole or not at all.
// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/file_writer.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace penstock::stages {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxPath = 4095;
constexpr std::size_t kChunk = 4 << 20;

[[noreturn]] void fail(int error, const std::string& what) {
  const std::string message = what + ": " + std::strerror(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      throw ItemError(kDiskFull, message);
    case EACCES:
    case EPERM:
    case EROFS:
      throw ItemError(kNotPermitted, message);
    case EXDEV:
    case ELOOP:
      throw ItemError(kForbiddenTarget, message);
    case ENAMETOOLONG:
      throw ItemError(kNameTooLong, message);
    default:
      throw ItemError(kUnwritable, message);
  }
}

std::string temporary_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) fail(errno, "no random number");
  char name[48];
  std::snprintf(name, sizeof name, ".penstock-%016llx.tmp", static_cast<unsigned long long>(number));
  return name;
}

/// A file without its final name. Removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(int folder, const std::string& target) : folder_(folder), name_(temporary_name()) {
    file_ = UniqueFd(::openat(folder_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file_) fail(errno, "no file can be made beside `" + target + "`");
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!is_renamed_) ::unlinkat(folder_, name_.c_str(), 0);
  }

  int descriptor() const { return file_.get(); }

  /// False when `name` is taken and may not be overwritten.
  bool rename_to(const std::string& name, FileWriter::Overwrite overwrite) {
    if (overwrite == FileWriter::Overwrite::always) {
      if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0)
        fail(errno, "`" + name + "` cannot be written");
      is_renamed_ = true;
      return true;
    }
    if (::renameat2(folder_, name_.c_str(), folder_, name.c_str(), RENAME_NOREPLACE) == 0) {
      is_renamed_ = true;
      return true;
    }
    if (errno == EINVAL || errno == ENOSYS) {  // A file system without that flag; linkat() never replaces.
      if (::linkat(folder_, name_.c_str(), folder_, name.c_str(), 0) == 0) return true;
    }
    if (errno == EEXIST) return false;
    fail(errno, "`" + name + "` cannot be written");
  }

 private:
  const int folder_;
  const std::string name_;
  UniqueFd file_;
  bool is_renamed_ = false;
};

void write_all(int descriptor, std::string_view data, const std::string& target,
               const std::function<bool()>& should_stop) {
  while (!data.empty()) {
    if (should_stop()) throw OperationCancelled();
    const ssize_t count = ::write(descriptor, data.data(), std::min(data.size(), kChunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno, "`" + target + "` cannot be written");
    data.remove_prefix(static_cast<std::size_t>(count));
  }
}

void sync(int descriptor, const std::string& what) {
  if (::fsync(descriptor) != 0) fail(errno, what + " cannot be synced");
}

}  // namespace

FileWriter::FileWriter(const std::string& root) : root_(std::filesystem::absolute(root).lexically_normal().string()) {
  std::error_code error;
  std::filesystem::create_directories(root_, error);
  folder_ = UniqueFd(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder_) throw ItemError(kRoot, "the folder `" + root_ + "` cannot be made or opened: " + std::strerror(errno));
  if (root_.back() != '/') root_ += '/';
}

std::string FileWriter::relative(const std::string& path) const {
  const std::string target = std::filesystem::absolute(path).lexically_normal().string();
  if (!target.starts_with(root_) || target.size() == root_.size() || target.back() == '/') {
    throw ItemError(kForbiddenTarget, "`" + path + "` is not a file below `" + root_ + "`");
  }
  if (target.size() > kMaxPath)
    throw ItemError(kNameTooLong, "the path has " + std::to_string(target.size()) + " bytes");
  for (std::size_t begin = 1; begin < target.size();) {
    const std::size_t end = std::min(target.find('/', begin), target.size());
    if (end - begin > kMaxName) {
      throw ItemError(kNameTooLong, "a name in the path has " + std::to_string(end - begin) + " bytes: `" +
                                        target.substr(begin, 60) + "...`");
    }
    begin = end + 1;
  }
  return target.substr(root_.size());
}

UniqueFd FileWriter::open_folder(const std::string& relative_folder) const {
  const char* path = relative_folder.empty() ? "." : relative_folder.c_str();
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd folder(static_cast<int>(::syscall(SYS_openat2, folder_.get(), path, &how, sizeof how)));
  // Before Linux 5.6, and in old container runtimes: names were checked by relative(), links then are not.
  if (!folder && (errno == ENOSYS || errno == EPERM)) {
    folder = UniqueFd(::openat(folder_.get(), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  return folder;
}

UniqueFd FileWriter::open_parent(const std::string& folder, Durability durability) const {
  UniqueFd opened = open_folder(folder);
  if (opened) return opened;
  if (errno != ENOENT || folder.empty()) fail(errno, "the folder `" + root_ + folder + "` cannot be opened");
  const std::size_t slash = folder.rfind('/');
  const UniqueFd parent = open_parent(slash == std::string::npos ? "" : folder.substr(0, slash), durability);
  const std::string name = slash == std::string::npos ? folder : folder.substr(slash + 1);
  if (::mkdirat(parent.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
    fail(errno, "the folder `" + root_ + folder + "` cannot be made");
  }
  if (durability == Durability::synced) sync(parent.get(), "the folder of `" + folder + "`");
  opened = open_folder(folder);
  if (!opened) fail(errno, "the folder `" + root_ + folder + "` cannot be opened");
  return opened;
}

FileWriter::Result FileWriter::write(const std::string& target, std::string_view data, Overwrite overwrite,
                                     Durability durability, const std::function<bool()>& should_stop) const {
  const std::size_t slash = target.rfind('/');
  const std::string name = slash == std::string::npos ? target : target.substr(slash + 1);
  const UniqueFd parent = open_parent(slash == std::string::npos ? "" : target.substr(0, slash), durability);
  struct stat status {};
  const bool exists = ::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && overwrite == Overwrite::never) return Result::exists;  // Known before a byte is written.
  TemporaryFile file(parent.get(), root_ + target);
  write_all(file.descriptor(), data, root_ + target, should_stop);
  if (durability == Durability::synced) sync(file.descriptor(), "`" + root_ + target + "`");
  if (!file.rename_to(name, overwrite)) return Result::exists;
  if (durability == Durability::synced) sync(parent.get(), "the folder of `" + root_ + target + "`");
  return Result::written;
}

}  // namespace penstock::stages
