// Pixels in memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::stages {

/// height x width x bands samples, row-major, 0..255.
struct Raster {
  Raster() = default;
  Raster(int w, int h, int b)
      : width(w),
        height(h),
        bands(b),
        samples(static_cast<std::size_t>(h) * static_cast<std::size_t>(w) * static_cast<std::size_t>(b)) {}

  std::size_t row_samples() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(bands); }
  const std::uint8_t* row(int y) const { return samples.data() + static_cast<std::size_t>(y) * row_samples(); }
  std::uint8_t* row(int y) { return samples.data() + static_cast<std::size_t>(y) * row_samples(); }

  int width = 0;
  int height = 0;
  int bands = 0;
  std::vector<std::uint8_t> samples;
};

}  // namespace penstock::stages
