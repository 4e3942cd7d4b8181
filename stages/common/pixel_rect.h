// A rectangle of pixels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock::stages {

/// Pixels [left, left + width) x [top, top + height).
struct PixelRect {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  friend bool operator==(const PixelRect&, const PixelRect&) = default;
};

}  // namespace penstock::stages
