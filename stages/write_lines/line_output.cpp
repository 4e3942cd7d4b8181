// Where lines go: standard output, or a file that appears whole.
// SPDX-License-Identifier: Apache-2.0
#include "stages/write_lines/line_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace penstock::stages {
namespace {

constexpr std::size_t kBlock = 64U << 10U;

std::string temporary_beside(const std::filesystem::path& target) {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<std::uint64_t>(::getpid());
  std::array<char, 48> name{};
  std::snprintf(name.data(), name.size(), ".penstock-%016llx.tmp", static_cast<unsigned long long>(number));
  return (target.parent_path() / name.data()).string();
}

}  // namespace

void LineOutput::open() {
  if (is_standard_output()) return;
  const std::filesystem::path target = path_.resolved;
  std::error_code error;
  if (target.has_parent_path()) std::filesystem::create_directories(target.parent_path(), error);
  if (std::filesystem::is_directory(target, error)) {
    throw ItemError(kCannotCreate, "`" + path_.text + "` is a folder");
  }
  std::string temporary = temporary_beside(target);
  file_ = UniqueFd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file_) {
    throw ItemError(kCannotCreate, "no file can be made beside `" + path_.text + "`: " + std::strerror(errno));
  }
  temporary_ = std::move(temporary);
}

void LineOutput::write(std::string_view line) {
  if (is_standard_output() || line.size() >= kBlock) {
    write_out(std::exchange(buffer_, {}));
    return write_out(line);
  }
  buffer_ += line;
  if (buffer_.size() < kBlock) return;
  write_out(buffer_);
  buffer_.clear();
}

void LineOutput::commit() {
  if (is_standard_output()) return;
  write_out(std::exchange(buffer_, {}));
  // The name must not reach the disk before the data.
  if (::fdatasync(file_.get()) != 0) fail(errno);
  if (::rename(temporary_.c_str(), path_.resolved.c_str()) != 0) fail(errno);
  temporary_.clear();
  file_ = UniqueFd();
}

void LineOutput::discard() noexcept {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  file_ = UniqueFd();
}

void LineOutput::write_out(std::string_view data) {
  const int descriptor = is_standard_output() ? STDOUT_FILENO : file_.get();
  while (!data.empty()) {
    const ssize_t count = ::write(descriptor, data.data(), data.size());
    if (count >= 0) {
      data.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {  // Somebody else's flags; they stay as they are.
      pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
}

void LineOutput::fail(int error) const {
  const std::string name = is_standard_output() ? "standard output" : "`" + path_.text + "`";
  throw ItemError(kCannotWrite, name + " cannot be written: " + std::strerror(error));
}

}  // namespace penstock::stages
