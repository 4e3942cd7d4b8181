// From an encoded image to scaled pixels in sRGB, still as they are stored (not yet upright).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "stages/common/image_header.h"
#include "stages/common/vips_image.h"
#include "stages/resize/kernel.h"
#include "stages/resize/pixels.h"

namespace penstock::stages {

/// A picture that is open for decoding, perhaps at a smaller scale than it is stored in.
struct OpenedPicture {
  VipsImagePtr image;
  ImageHeader header;  ///< Corrected where the decoder knows better.
};

/// How many times smaller a decoder may make the picture that is wanted `shrink` times smaller in the end. At least 1.
double shrink_on_load(ImageFormat format, double shrink);

/// Opens the picture, as much smaller as shrink_on_load() allows for a reduction to `wanted`(header) pixels, both sides
/// as stored. Throws VipsError.
OpenedPicture open_picture(std::string_view data, ImageFormat format, ImageHeader header,
                           const std::function<Size(const ImageHeader&)>& wanted);

/// Scales to `scaled`, converts to 8-bit sRGB or grey, and computes the part `crop`, all as stored. Keeps alpha.
/// On return `*metadata` (when not null) is an image that has the metadata of the source, and no pixels.
/// Throws VipsError, OperationCancelled.
Pixels scale_picture(const OpenedPicture& picture, Size scaled, const PixelRect& crop, Kernel kernel,
                     const std::function<bool()>& should_stop, VipsImagePtr* metadata);

}  // namespace penstock::stages
