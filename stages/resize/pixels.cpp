// Every pixel of the canvas is written once. Where rotation makes the reads go down the columns of the stored picture,
// the canvas is walked in squares, so that the cache lines of one square's columns are used whole.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/pixels.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace penstock::stages {
namespace {

constexpr int kSquare = 64;  // 64 x 64 RGBA pixels read and written: 32 KiB, a first-level cache.

using Pixel = std::array<std::uint8_t, 4>;  // Red, green, blue, alpha.

// ITU-R BT.709 weights; exact for greys.
std::uint8_t luma(const Colour& c) {
  return static_cast<std::uint8_t>((2126 * c.red + 7152 * c.green + 722 * c.blue + 5000) / 10000);
}

template <int Bands>
void write_colour(const Colour& colour, std::uint8_t* to) {
  if constexpr (Bands <= 2) {
    to[0] = luma(colour);
  } else {
    to[0] = colour.red;
    to[1] = colour.green;
    to[2] = colour.blue;
  }
  if constexpr (Bands == 2 || Bands == 4) to[Bands - 1] = colour.alpha;
}

// Rounded value of (a * alpha + b * (255 - alpha)) / 255.
std::uint8_t blend(unsigned a, unsigned b, unsigned alpha) {
  const unsigned sum = a * alpha + b * (255 - alpha) + 128;
  return static_cast<std::uint8_t>((sum + (sum >> 8)) >> 8);
}

template <int InBands, int OutBands>
void convert(const std::uint8_t* from, std::uint8_t* to, const Colour& behind) {
  constexpr bool kHasAlpha = InBands == 2 || InBands == 4;
  constexpr bool kKeepsAlpha = OutBands == 2 || OutBands == 4;
  constexpr int kColours = OutBands <= 2 ? 1 : 3;
  const std::array<std::uint8_t, 3> back{kColours == 1 ? luma(behind) : behind.red, behind.green, behind.blue};
  for (int i = 0; i < kColours; ++i) {
    const std::uint8_t value = from[InBands <= 2 ? 0 : i];
    to[i] = kHasAlpha && !kKeepsAlpha ? blend(value, back[i], from[InBands - 1]) : value;
  }
  if constexpr (kKeepsAlpha) to[OutBands - 1] = kHasAlpha ? from[InBands - 1] : 255;
}

template <int InBands, int OutBands>
class Composer {
 public:
  Composer(const Pixels& stored, const Composition& how, Pixels& canvas)
      : stored_(stored),
        how_(how),
        canvas_(canvas),
        size_{stored.width, stored.height},
        width_(how.orientation >= 5 ? stored.height : stored.width),
        height_(how.orientation >= 5 ? stored.width : stored.height) {}

  void rows(int first, int last) {
    const int top = std::clamp(how_.top, first, last);
    const int bottom = std::clamp(how_.top + height_, first, last);
    for (int y = first; y < last; ++y) {
      if (y < top || y >= bottom) {
        fill(y, 0, canvas_.width);
      } else {
        fill(y, 0, how_.left);
        fill(y, how_.left + width_, canvas_.width);
      }
    }
    if (how_.orientation < 5) {
      for (int y = top; y < bottom; ++y) copy(y, 0, width_);
      return;
    }
    for (int block = top; block < bottom; block += kSquare) {
      for (int x = 0; x < width_; x += kSquare) {
        for (int y = block; y < std::min(block + kSquare, bottom); ++y) copy(y, x, std::min(x + kSquare, width_));
      }
    }
  }

 private:
  void fill(int y, int from, int to) {
    std::uint8_t* at = canvas_.row(y) + static_cast<std::size_t>(from) * OutBands;
    for (int x = from; x < to; ++x, at += OutBands) write_colour<OutBands>(how_.background, at);
  }

  // Upright pixels [from, to) of the canvas row y, which lies within the picture.
  void copy(int y, int from, int to) {
    const PixelPoint start = stored_point({from, y - how_.top}, size_, how_.orientation);
    const std::uint8_t* in = stored_.row(static_cast<int>(start.y)) + start.x * InBands;
    std::uint8_t* out = canvas_.row(y) + static_cast<std::size_t>(how_.left + from) * OutBands;
    const std::ptrdiff_t step = step_of(from, y);
    if (InBands == OutBands && step == InBands) {
      std::memcpy(out, in, static_cast<std::size_t>(to - from) * InBands);
      return;
    }
    for (int x = from; x < to; ++x, in += step, out += OutBands) convert<InBands, OutBands>(in, out, how_.background);
  }

  // Bytes from the stored place of one upright pixel to that of its right neighbour.
  std::ptrdiff_t step_of(int x, int y) const {
    const PixelPoint a = stored_point({x, y - how_.top}, size_, how_.orientation);
    const PixelPoint b = stored_point({x + 1, y - how_.top}, size_, how_.orientation);
    return ((b.y - a.y) * stored_.width + (b.x - a.x)) * InBands;
  }

  const Pixels& stored_;
  const Composition& how_;
  Pixels& canvas_;
  Size size_;
  int width_;  // Upright.
  int height_;
};

template <int InBands>
void compose_from(const Pixels& stored, const Composition& how, Pixels& canvas, int first, int last) {
  switch (how.bands) {
    case 1:
      return Composer<InBands, 1>(stored, how, canvas).rows(first, last);
    case 2:
      return Composer<InBands, 2>(stored, how, canvas).rows(first, last);
    case 3:
      return Composer<InBands, 3>(stored, how, canvas).rows(first, last);
    default:
      return Composer<InBands, 4>(stored, how, canvas).rows(first, last);
  }
}

}  // namespace

bool is_identity(const Pixels& stored, const Composition& how) {
  return how.orientation == 1 && how.bands == stored.bands && how.canvas == Size{stored.width, stored.height};
}

void compose_rows(const Pixels& stored, const Composition& how, Pixels& canvas, int first, int last) {
  switch (stored.bands) {
    case 1:
      return compose_from<1>(stored, how, canvas, first, last);
    case 2:
      return compose_from<2>(stored, how, canvas, first, last);
    case 3:
      return compose_from<3>(stored, how, canvas, first, last);
    default:
      return compose_from<4>(stored, how, canvas, first, last);
  }
}

}  // namespace penstock::stages
