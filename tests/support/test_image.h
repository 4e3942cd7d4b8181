// Small pictures that tests make, encode and take apart again, with libvips.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "stages/types/encoded_image.h"

namespace penstock::test {

/// 8-bit pixels, height x width x bands, row-major.
struct TestImage {
  int width = 0;
  int height = 0;
  int bands = 3;
  std::vector<std::uint8_t> pixels;

  std::array<int, 4> at(int x, int y) const;  ///< Red, green, blue, alpha; of a grey image three equal ones.
};

/// Quarters of red, green, blue and white: upper left, upper right, lower left, lower right.
TestImage quarters(int width, int height);
/// Noise, the same for the same size.
TestImage noise(int width, int height, int bands = 3);
/// One colour with alpha.
TestImage plain(int width, int height, std::array<std::uint8_t, 4> colour);

/// How the stored pixels must be turned to be upright: the inverse of what a viewer does. EXIF values, 1 to 8.
TestImage stored_for(const TestImage& upright, int orientation);

/// Encodes with libvips: `suffix` names the saver with its options, ".jpg[Q=95]", ".png[interlace]".
/// `orientation` other than 0 is written as EXIF.
std::string encode_image(const TestImage& image, const std::string& suffix, int orientation = 0);

/// Decodes with libvips. Nothing is turned: what is stored is what you get.
TestImage decode_image(std::string_view data);

/// True when the encoded image has the named metadata ("exif-data", "icc-profile-data").
bool has_metadata(std::string_view data, const char* name);

std::string read_file(const std::filesystem::path& path);

/// The file's PNG header claims another size; the checksums are right.
std::string png_that_claims(std::uint32_t width, std::uint32_t height);

}  // namespace penstock::test
