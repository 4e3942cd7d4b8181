// JPEG files as tests want them, and how alike two pictures are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "stages/resize/jpeg_picture.h"
#include "tests/support/test_image.h"

namespace penstock::test {

/// Encodes an RGB or grey image with that subsampling: chroma is averaged, and lies where JFIF says.
std::string encode_jpeg(const TestImage& image, stages::Subsampling chroma, int quality = 95);

/// The same file with an EXIF orientation.
std::string with_orientation(std::string_view jpeg, int orientation);

/// The file again, progressive: one scan of all planes, then each plane in that many bands, at most 63, a scan each.
std::string with_bands(std::string_view jpeg, int bands);

/// A photograph of 640 x 427 pixels, RGB.
TestImage photo();

/// Rows and columns [0, width) x [0, height) of an image.
TestImage cut(const TestImage& image, int width, int height);

/// Peak signal-to-noise ratio over all samples in dB; 99 for equal images. REQUIRES: equal sizes and bands.
double psnr(const TestImage& a, const TestImage& b);

/// Mean of a - b in one band.
double mean_difference(const TestImage& a, const TestImage& b, int band);

}  // namespace penstock::test
