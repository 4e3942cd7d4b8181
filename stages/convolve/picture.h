// Pictures from files, and files from pictures.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "stages/convolve/raster.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// Upright, 8 bits a sample, grey or sRGB, with alpha where the file has it. Throws VipsError, OperationCancelled.
Raster decode_picture(std::string_view data, ImageFormat format, const std::function<bool()>& should_stop);

/// A PNG file. Throws VipsError.
std::string encode_png(const Raster& picture);

}  // namespace penstock::stages
