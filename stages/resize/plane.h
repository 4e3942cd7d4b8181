// One plane of samples, in memory that is used again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace penstock::stages {

/// 8-bit samples, height x width, row-major. Each row begins at a multiple of kAlignment bytes, and the memory goes on
/// to whole rows of kAlignment and to a number of rows that is a multiple of kRowMultiple: vector code may read and
/// write what lies there, and it means nothing.
class Plane {
 public:
  static constexpr int kAlignment = 64;
  static constexpr int kRowMultiple = 16;

  /// Bytes that a plane of that size takes.
  static std::size_t bytes_for(std::int64_t width, std::int64_t height) {
    return static_cast<std::size_t>(rounded(width, kAlignment) * rounded(height, kRowMultiple));
  }

  /// Takes another size; the samples are lost. Allocates only what was never there before. Throws std::bad_alloc.
  void reshape(int width, int height) {
    const std::size_t needed = bytes_for(width, height);
    if (needed > capacity_) {
      samples_.reset();  // Before the larger one is allocated.
      capacity_ = 0;
      samples_.reset(static_cast<std::uint8_t*>(::operator new[](needed, std::align_val_t{kAlignment})));
      capacity_ = needed;
    }
    width_ = width;
    height_ = height;
    stride_ = static_cast<std::size_t>(rounded(width, kAlignment));
  }

  /// Gives the memory back.
  void clear() {
    samples_.reset();
    capacity_ = 0;
    width_ = height_ = 0;
  }

  int width() const { return width_; }
  int height() const { return height_; }
  std::size_t stride() const { return stride_; }  ///< Bytes from one row to the next.
  std::size_t capacity() const { return capacity_; }
  std::uint8_t* row(int y) { return samples_.get() + static_cast<std::size_t>(y) * stride_; }
  const std::uint8_t* row(int y) const { return samples_.get() + static_cast<std::size_t>(y) * stride_; }

 private:
  static constexpr std::int64_t rounded(std::int64_t value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }
  struct Free {
    void operator()(std::uint8_t* samples) const { ::operator delete[](samples, std::align_val_t{kAlignment}); }
  };

  int width_ = 0;
  int height_ = 0;
  std::size_t stride_ = 0;
  std::size_t capacity_ = 0;
  std::unique_ptr<std::uint8_t[], Free> samples_;
};

}  // namespace penstock::stages
