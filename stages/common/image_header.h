// What the first bytes of an image file say about the picture, read without a decoder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// The header of one picture. Of a file with several, of the first.
struct ImageHeader {
  std::uint32_t width = 0;   ///< Pixels, as stored.
  std::uint32_t height = 0;  ///< Pixels, as stored.
  int orientation = 1;       ///< EXIF: how the stored picture becomes upright, 1 to 8; from 5 on the sides are swapped.
  int bands = 3;             ///< Samples per pixel after decoding, alpha included.
  int bytes_per_sample = 1;
  /// What a decoder keeps of the whole picture at whatever scale it decodes, in bytes: the coefficients of a
  /// progressive JPEG, all rows of an interlaced PNG, the canvas of a GIF. 0 when it goes row by row.
  std::uint64_t kept_bytes = 0;

  std::uint64_t pixels() const { return std::uint64_t{width} * height; }
  bool swaps_sides() const { return orientation >= 5; }
  std::uint32_t shown_width() const { return swaps_sides() ? height : width; }
  std::uint32_t shown_height() const { return swaps_sides() ? width : height; }
};

/// The header of an image of that format; nothing when the data are too short or contradict themselves, and for formats
/// whose header is not simple (heic, avif, svg, pdf, jp2, jxl): only a decoder can tell then. Costs about a
/// microsecond; reads no further than it must. Never throws, whatever the bytes are.
std::optional<ImageHeader> read_image_header(std::string_view data, ImageFormat format);

/// Says what is missing at the end of the data when the format's own structure shows that they were cut off: "the
/// IEND chunk". Nothing when all seems to be there, or when only a decoder can tell. It explains why a decoder failed;
/// a picture may be whole all the same.
std::optional<std::string> find_missing_end(std::string_view data, ImageFormat format);

}  // namespace penstock::stages
