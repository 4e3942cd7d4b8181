// SPDX-License-Identifier: Apache-2.0
#include "framework/isolation/shared_region.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace penstock::isolation {
namespace {

constexpr std::size_t kKept = std::size_t{1} << 20;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

SharedRegion::SharedRegion() : file_(::memfd_create("penstock-items", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
  if (!file_) fail("cannot make shared memory");
  map(kKept);
  if (::fcntl(file_.get(), F_ADD_SEALS, F_SEAL_SHRINK) != 0) fail("cannot seal shared memory");
}

SharedRegion::SharedRegion(SharedRegion&& other) noexcept
    : file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)) {}

SharedRegion::~SharedRegion() {
  if (data_ != nullptr) ::munmap(data_, mapped_);
}

std::size_t SharedRegion::file_size() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) fail("cannot examine shared memory");
  return static_cast<std::size_t>(status.st_size);
}

void SharedRegion::map(std::size_t size) {
  if (size <= mapped_) return;
  std::size_t length = file_size();
  if (length < size) {
    length = std::max(size, 2 * length);
    if (::ftruncate(file_.get(), static_cast<off_t>(length)) != 0) fail("cannot enlarge shared memory");
  }
  remap(length);
}

bool SharedRegion::reach(std::size_t size) {
  if (size <= mapped_) return true;
  const std::size_t length = file_size();
  if (length < size) return false;
  remap(length);
  return true;
}

void SharedRegion::remap(std::size_t size) {
  void* data = data_ == nullptr ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0)
                                : ::mremap(data_, mapped_, size, MREMAP_MAYMOVE);
  if (data == MAP_FAILED) fail("cannot map shared memory");
  data_ = static_cast<char*>(data);
  mapped_ = size;
}

void SharedRegion::write(std::size_t at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(data_ + at, bytes.data(), bytes.size());
}

void SharedRegion::trim() {
  if (mapped_ > kKept) ::madvise(data_ + kKept, mapped_ - kKept, MADV_REMOVE);
}

}  // namespace penstock::isolation
