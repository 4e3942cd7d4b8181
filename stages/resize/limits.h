// What is checked before a decoder runs, and what its failure means.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "stages/common/image_header.h"
#include "stages/resize/geometry.h"
#include "stages/resize/params.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// "640 x 480"
std::string text_of(const Size& size);

/// The format by magic bytes. Throws ItemError when it is none, or none that is let in.
ImageFormat allowed_format(std::string_view data, const ResizeParams& params);

/// The format of the result.
ImageFormat output_format(OutputFormat wanted, ImageFormat source);

/// Throws ItemError when the picture has more pixels than `max_pixels`.
void check_pixels(const ImageHeader& header, const ResizeParams& params);

/// The header, with no more pixels than allowed. Throws ItemError.
ImageHeader checked_header(std::string_view data, ImageFormat format, const ResizeParams& params);

/// Where the picture goes. The result may be larger than allowed.
Placement placement_of(const ImageHeader& header, const ResizeParams& params);

/// The same; throws ItemError when the result would be larger than its format or `max_pixels` allows.
Placement checked_placement(const ImageHeader& header, ImageFormat format, const ResizeParams& params);

/// Says what a decoder's failure means: were the data cut off, or are they damaged? Throws ItemError.
[[noreturn]] void throw_decode_error(std::string_view data, ImageFormat format, const std::exception& error);

/// Throws ItemError: a result of that size cannot be written.
[[noreturn]] void throw_encode_error(const Size& size, ImageFormat format, const std::exception& error);

}  // namespace penstock::stages
