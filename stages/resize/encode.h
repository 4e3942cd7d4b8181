// From pixels to an image file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stages/common/vips_image.h"
#include "stages/resize/pixels.h"

namespace penstock::stages {

/// True when we can write the format.
bool can_encode(ImageFormat format);

/// True when pictures of the format may have an alpha channel.
bool can_hold_alpha(ImageFormat format);

/// The longest side that the format can hold.
int max_side(ImageFormat format);

/// The quality that a format is written with when none is asked for; nothing for formats without the notion.
std::optional<int> default_quality(ImageFormat format);

/// Bytes that writing a picture of so many pixels needs at its peak, besides the pixels, the result included.
std::uint64_t encoding_need(ImageFormat format, std::uint64_t pixels);

/// The pixels as an image of libvips. They must outlive it. Throws VipsError.
VipsImagePtr image_of(const Pixels& pixels);

/// Writes the pixels. `metadata`: an image whose EXIF, XMP, IPTC and colour profile are written along; null for none.
/// REQUIRES: can_encode(format); sides within max_side(); no alpha where the format has none. Throws VipsError.
std::string encode(const Pixels& pixels, ImageFormat format, std::optional<int> quality, VipsImage* metadata);

}  // namespace penstock::stages
