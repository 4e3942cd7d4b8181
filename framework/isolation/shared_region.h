// Memory that the program and one of its workers share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "penstock/unique_fd.h"

namespace penstock::isolation {

/// An anonymous file, mapped. Both sides may make it larger; neither can make it smaller, so that no access ever
/// faults. What the other side may write at any time must be copied before it is looked at.
///
/// Everything throws std::system_error. Thread safety: one thread at a time, on each side.
class SharedRegion {
 public:
  /// A new one.
  SharedRegion();
  /// The one that the other side has made.
  explicit SharedRegion(UniqueFd file) : file_(std::move(file)) {}
  SharedRegion(SharedRegion&& other) noexcept;
  SharedRegion& operator=(SharedRegion&&) = delete;
  ~SharedRegion();

  int descriptor() const { return file_.get(); }
  /// Makes `[0, size)` accessible, and the file larger if need be.
  void map(std::size_t size);
  /// Makes `[0, size)` accessible; false when the file is smaller.
  bool reach(std::size_t size);
  /// REQUIRES: the range was mapped.
  void write(std::size_t at, std::string_view bytes);
  std::string_view read(std::size_t begin, std::size_t end) const { return {data_ + begin, end - begin}; }
  /// Gives memory beyond the first megabyte back to the system; it reads as zeros afterwards.
  void trim();

 private:
  std::size_t file_size() const;
  void remap(std::size_t size);

  UniqueFd file_;
  char* data_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace penstock::isolation
