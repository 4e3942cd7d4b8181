// SPDX-License-Identifier: Apache-2.0
#include "framework/base/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace penstock {
namespace {

[[noreturn]] void fail(const char* what, const std::string& folder) {
  throw std::system_error(errno, std::generic_category(), std::string(what) + " a temporary file in " + folder);
}

std::string temporary_folder() {
  const char* named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

/// For file systems that have no files without a name.
int open_and_unlink(const std::string& in) {
  std::string path = in + "/penstock-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(path.c_str());
  return descriptor;
}

}  // namespace

TemporaryFile::TemporaryFile()
    : folder_(temporary_folder()), descriptor_(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) descriptor_ = open_and_unlink(folder_);
  if (descriptor_ < 0) fail("cannot make", folder_);
}

TemporaryFile::~TemporaryFile() { ::close(descriptor_); }

void TemporaryFile::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write", folder_);
    offset += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void TemporaryFile::read_at(std::uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    const ssize_t got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;  // Shorter than what was written to it.
    if (got <= 0) fail("cannot read", folder_);
    offset += static_cast<std::uint64_t>(got);
    into = into.subspan(static_cast<std::size_t>(got));
  }
}

void TemporaryFile::discard(std::uint64_t offset, std::uint64_t size) noexcept {
  // Where the file system cannot do it, the space comes back with the end of the file.
  if (size > 0) {
    ::fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                static_cast<off_t>(size));
  }
}

}  // namespace penstock
