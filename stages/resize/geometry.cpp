// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock::stages {
namespace {

// As vips_resize() rounds; never nothing.
std::int64_t scaled_side(std::int64_t side, double scale) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * scale));
}

Size scaled_size(Size source, const Box& box) {
  constexpr double kFree = std::numeric_limits<double>::infinity();
  const double horizontal = box.width > 0 ? static_cast<double>(box.width) / static_cast<double>(source.width) : kFree;
  const double vertical = box.height > 0 ? static_cast<double>(box.height) / static_cast<double>(source.height) : kFree;
  const double limit = box.may_enlarge ? kFree : 1.0;
  if (box.fit == Fit::stretch && box.width > 0 && box.height > 0) {
    return {scaled_side(source.width, std::min(horizontal, limit)),
            scaled_side(source.height, std::min(vertical, limit))};
  }
  const bool is_cover = box.fit == Fit::cover && box.width > 0 && box.height > 0;
  const double scale = std::min(is_cover ? std::max(horizontal, vertical) : std::min(horizontal, vertical), limit);
  return {scaled_side(source.width, scale), scaled_side(source.height, scale)};
}

// 0: at the start, 1: in the middle, 2: at the end.
struct Alignment {
  int horizontal;
  int vertical;
};

Alignment alignment_of(Position position) {
  switch (position) {
    case Position::center:
      return {1, 1};
    case Position::top:
      return {1, 0};
    case Position::top_right:
      return {2, 0};
    case Position::right:
      return {2, 1};
    case Position::bottom_right:
      return {2, 2};
    case Position::bottom:
      return {1, 2};
    case Position::bottom_left:
      return {0, 2};
    case Position::left:
      return {0, 1};
    case Position::top_left:
      return {0, 0};
  }
  return {1, 1};
}

int aligned(std::int64_t space, int alignment) { return static_cast<int>(space * alignment / 2); }

}  // namespace

Placement place(Size source, const Box& box) {
  Placement placement;
  placement.scaled = scaled_size(source, box);
  placement.canvas = placement.scaled;
  if (placement.scaled.width > kMaxScaledSide || placement.scaled.height > kMaxScaledSide) return placement;
  const Alignment alignment = alignment_of(box.position);
  placement.crop = {0, 0, static_cast<int>(placement.scaled.width), static_cast<int>(placement.scaled.height)};
  if (box.fit == Fit::cover && box.width > 0 && box.height > 0) {
    placement.canvas = {std::min(box.width, placement.scaled.width), std::min(box.height, placement.scaled.height)};
    placement.crop.width = static_cast<int>(placement.canvas.width);
    placement.crop.height = static_cast<int>(placement.canvas.height);
    placement.crop.left = aligned(placement.scaled.width - placement.canvas.width, alignment.horizontal);
    placement.crop.top = aligned(placement.scaled.height - placement.canvas.height, alignment.vertical);
  } else if (box.fit == Fit::contain) {
    if (box.width > 0) placement.canvas.width = box.width;
    if (box.height > 0) placement.canvas.height = box.height;
    placement.left = aligned(placement.canvas.width - placement.scaled.width, alignment.horizontal);
    placement.top = aligned(placement.canvas.height - placement.scaled.height, alignment.vertical);
  }
  return placement;
}

// EXIF 2.32, tag Orientation: where the stored row 0 and column 0 are in the upright picture.
PixelPoint stored_point(PixelPoint upright, Size stored, int orientation) {
  const auto [x, y] = upright;
  const std::int64_t right = stored.width - 1;
  const std::int64_t bottom = stored.height - 1;
  switch (orientation) {
    case 2:
      return {right - x, y};
    case 3:
      return {right - x, bottom - y};
    case 4:
      return {x, bottom - y};
    case 5:
      return {y, x};
    case 6:
      return {y, bottom - x};
    case 7:
      return {right - y, bottom - x};
    case 8:
      return {right - y, x};
    default:
      return {x, y};
  }
}

PixelRect stored_rect(const PixelRect& upright, Size stored, int orientation) {
  const PixelPoint a = stored_point({upright.left, upright.top}, stored, orientation);
  const PixelPoint b =
      stored_point({upright.left + upright.width - 1, upright.top + upright.height - 1}, stored, orientation);
  return {static_cast<int>(std::min(a.x, b.x)), static_cast<int>(std::min(a.y, b.y)),
          static_cast<int>(std::abs(a.x - b.x) + 1), static_cast<int>(std::abs(a.y - b.y) + 1)};
}

}  // namespace penstock::stages
