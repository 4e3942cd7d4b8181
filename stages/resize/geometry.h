// Where the pixels of a picture go: from its size and the box asked for to scale, crop and canvas.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "penstock/option_codec.h"
#include "stages/common/pixel_rect.h"

namespace penstock::stages {

enum class Fit { inside, cover, contain, stretch };
constexpr std::array<Name<Fit>, 4> names_of(Fit) {
  return {{{Fit::inside, "inside"}, {Fit::cover, "cover"}, {Fit::contain, "contain"}, {Fit::stretch, "stretch"}}};
}

enum class Position { center, top, top_right, right, bottom_right, bottom, bottom_left, left, top_left };
constexpr std::array<Name<Position>, 9> names_of(Position) {
  return {{{Position::center, "center"},
           {Position::top, "top"},
           {Position::top_right, "top_right"},
           {Position::right, "right"},
           {Position::bottom_right, "bottom_right"},
           {Position::bottom, "bottom"},
           {Position::bottom_left, "bottom_left"},
           {Position::left, "left"},
           {Position::top_left, "top_left"}}};
}

/// Pixels.
struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t pixels() const { return width * height; }
  friend bool operator==(const Size&, const Size&) = default;
};

/// What is asked for. A side of 0 follows the other one; not both are 0.
struct Box {
  std::int64_t width = 0;
  std::int64_t height = 0;
  Fit fit = Fit::inside;
  Position position = Position::center;
  bool may_enlarge = false;
};

/// The upright picture is scaled to `scaled`; the part `crop` of that is put on a canvas at (`left`, `top`).
struct Placement {
  Size scaled;
  PixelRect crop;
  Size canvas;
  int left = 0;
  int top = 0;
  bool has_border() const { return canvas.width != crop.width || canvas.height != crop.height; }
};

/// The longest side that libvips computes with (VIPS_MAX_COORD).
inline constexpr std::int64_t kMaxScaledSide = 10'000'000;

/// `source` is the upright size, each side from 1 to 2^30. The sides of the result may exceed kMaxScaledSide, then
/// `crop` is not valid.
Placement place(Size source, const Box& box);

/// Where pixel (x, y) of the upright picture lies in the stored one.
struct PixelPoint {
  std::int64_t x = 0;
  std::int64_t y = 0;
};
/// `stored` is the size of the stored picture, `orientation` the EXIF value, 1 to 8.
PixelPoint stored_point(PixelPoint upright, Size stored, int orientation);

/// The stored pixels of a rectangle of the upright picture.
PixelRect stored_rect(const PixelRect& upright, Size stored, int orientation);

}  // namespace penstock::stages
