// SPDX-License-Identifier: Apache-2.0
#include "cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace penstock::cli {
namespace {

[[noreturn]] void fail(int error, const std::string& path) {
  throw std::system_error(error, std::generic_category(), "cannot write " + path);
}

void write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(errno, path);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A rename would replace a device or a pipe by a file: those are written in place.
bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

void write_standard_output(std::string_view text) { write_all(STDOUT_FILENO, text, "standard output"); }

ReplacedFile::ReplacedFile(std::string target) : target_(std::move(target)) {
  if (target_ == "-") return;
  if (is_special(target_)) {
    descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail(errno, target_);
    return;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(target_, ignored)) fail(EISDIR, target_);
  // The file that a symbolic link names is replaced, not the link.
  if (std::filesystem::is_symlink(target_, ignored)) {
    const std::filesystem::path resolved = std::filesystem::weakly_canonical(target_, ignored);
    if (!ignored) target_ = resolved.string();
  }
  temporary_ = target_ + ".XXXXXX";
  descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail(error, target_);
  }
  // mkostemp() gives 0600; the file gets what any new file would get.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor_, 0666 & ~mask);
}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void ReplacedFile::commit(std::string_view content) {
  if (target_ == "-") {
    write_standard_output(content);
    return;
  }
  write_all(descriptor_, content, target_);
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed != 0) fail(errno, target_);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno, target_);
  temporary_.clear();
}

LineFile::LineFile(const std::string& path) : path_(path == "-" ? "standard output" : path) {
  file_ = path == "-" ? stdout : std::fopen(path.c_str(), "we");
  if (file_ == nullptr) fail(errno, path);
}

LineFile::~LineFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
}

void LineFile::write(std::string_view line) {
  errno = 0;
  const bool is_written = std::fwrite(line.data(), 1, line.size(), file_) == line.size() &&
                          std::fputc('\n', file_) != EOF && std::fflush(file_) == 0;
  if (!is_written && error_ == 0) error_ = errno == 0 ? EIO : errno;
}

void LineFile::close() {
  if (file_ != nullptr && file_ != stdout && std::fclose(file_) != 0 && error_ == 0) error_ = errno;
  file_ = nullptr;
  if (error_ != 0) fail(error_, path_);
}

}  // namespace penstock::cli
