// A file descriptor that is closed when its owner dies.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "penstock/export.h"

namespace penstock {

/// Owns a descriptor; -1 stands for none. Thread safety: as an int.
class PENSTOCK_API UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int descriptor) : descriptor_(descriptor) {}
  UniqueFd(UniqueFd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  UniqueFd& operator=(UniqueFd other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace penstock
