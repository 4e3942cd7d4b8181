// Pixels in memory, and the one pass that turns them upright, flattens them and puts them on their canvas.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "stages/resize/colour.h"
#include "stages/resize/geometry.h"

namespace penstock::stages {

/// 8-bit pixels, height x width x bands, row-major: grey, grey and alpha, sRGB, or sRGB and alpha.
struct Pixels {
  Pixels() = default;
  Pixels(Size size, int bands_of_pixel)
      : width(static_cast<int>(size.width)),
        height(static_cast<int>(size.height)),
        bands(bands_of_pixel),
        data(new std::uint8_t[bytes()]) {}

  std::size_t bytes() const { return static_cast<std::size_t>(width) * height * bands; }
  bool has_alpha() const { return bands == 2 || bands == 4; }
  std::uint8_t* row(int y) { return data.get() + static_cast<std::size_t>(y) * width * bands; }
  const std::uint8_t* row(int y) const { return data.get() + static_cast<std::size_t>(y) * width * bands; }

  int width = 0;
  int height = 0;
  int bands = 0;
  std::unique_ptr<std::uint8_t[]> data;  ///< Not initialised: whoever makes pixels writes all of it.
};

/// How the stored pixels get to the canvas.
struct Composition {
  int orientation = 1;  ///< EXIF value of the pixels as they are stored.
  Size canvas;          ///< Upright.
  int left = 0;         ///< Where on the canvas the upright pixels begin.
  int top = 0;
  int bands = 3;      ///< Of the canvas. REQUIRES: 1 or 2 only when the pixels and the background are grey.
  Colour background;  ///< Of the border, and behind transparent pixels when the canvas has no alpha.
};

/// True when compose() would only copy.
bool is_identity(const Pixels& stored, const Composition& how);

/// Writes rows [first, last) of the canvas. Different rows may be written on different threads.
void compose_rows(const Pixels& stored, const Composition& how, Pixels& canvas, int first, int last);

}  // namespace penstock::stages
