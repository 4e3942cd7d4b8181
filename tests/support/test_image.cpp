// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_image.h"

#include <vips/vips.h>

#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include "stages/common/vips_image.h"

namespace penstock::test {
namespace {

using stages::make_vips_image;
using stages::VipsImagePtr;

void append_number(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// W3C PNG, annex D.
std::uint32_t checksum(std::string_view data) {
  std::uint32_t sum = 0xffffffff;
  for (unsigned char byte : data) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum & 1) != 0 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
  }
  return ~sum;
}

void append_chunk(std::string& png, const std::string& name, const std::string& body) {
  append_number(png, static_cast<std::uint32_t>(body.size()));
  const std::string content = name + body;
  png += content;
  append_number(png, checksum(content));
}

// libvips writes none with the libpng of Debian 12. An EXIF block with one tag, right behind the header.
void add_png_orientation(std::string& png, int orientation) {
  std::string exif("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  exif += static_cast<char>(orientation);
  exif += std::string(6, '\0');
  std::string chunk;
  append_chunk(chunk, "eXIf", exif);
  png.insert(33, chunk);
}

}  // namespace

std::array<int, 4> TestImage::at(int x, int y) const {
  const std::uint8_t* pixel = pixels.data() + (static_cast<std::size_t>(y) * width + x) * bands;
  if (bands <= 2) return {pixel[0], pixel[0], pixel[0], bands == 2 ? pixel[1] : 255};
  return {pixel[0], pixel[1], pixel[2], bands == 4 ? pixel[3] : 255};
}

TestImage quarters(int width, int height) {
  TestImage image{width, height, 3, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool is_right = x >= width / 2;
      const bool is_low = y >= height / 2;
      image.pixels.push_back(is_right == is_low ? 255 : 0);
      image.pixels.push_back(is_right ? 255 : 0);
      image.pixels.push_back(is_low ? 255 : 0);
    }
  }
  // Upper left red, upper right green, lower left blue, lower right white.
  return image;
}

TestImage noise(int width, int height, int bands) {
  TestImage image{width, height, bands, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * bands)};
  std::minstd_rand random(1);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random() >> 8);
  return image;
}

TestImage plain(int width, int height, std::array<std::uint8_t, 4> colour) {
  TestImage image{width, height, 4, {}};
  for (int i = 0; i < width * height; ++i) image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  return image;
}

TestImage stored_for(const TestImage& upright, int orientation) {
  const bool swaps = orientation >= 5;
  const int w = upright.width;
  const int h = upright.height;
  TestImage stored{swaps ? h : w, swaps ? w : h, upright.bands, std::vector<std::uint8_t>(upright.pixels.size())};
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      // EXIF 2.32: "the 0th row is the visual … side, the 0th column the visual … side".
      const std::array<std::array<int, 2>, 8> places{{{x, y},
                                                      {w - 1 - x, y},
                                                      {w - 1 - x, h - 1 - y},
                                                      {x, h - 1 - y},
                                                      {y, x},
                                                      {y, w - 1 - x},
                                                      {h - 1 - y, w - 1 - x},
                                                      {h - 1 - y, x}}};
      const auto [sx, sy] = places[static_cast<std::size_t>(orientation - 1)];
      for (int band = 0; band < upright.bands; ++band) {
        stored.pixels[(static_cast<std::size_t>(sy) * stored.width + sx) * upright.bands + band] =
            upright.pixels[(static_cast<std::size_t>(y) * w + x) * upright.bands + band];
      }
    }
  }
  return stored;
}

std::string encode_image(const TestImage& image, const std::string& suffix, int orientation) {
  stages::start_vips();
  const VipsImagePtr wrapped(vips_image_new_from_memory(image.pixels.data(), image.pixels.size(), image.width,
                                                        image.height, image.bands, VIPS_FORMAT_UCHAR));
  const VipsImagePtr copy = make_vips_image([&](VipsImage** out) {
    return vips_copy(wrapped.get(), out, "interpretation",
                     image.bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, nullptr);
  });
  if (orientation != 0) vips_image_set_int(copy.get(), VIPS_META_ORIENTATION, orientation);
  void* data = nullptr;
  size_t size = 0;
  if (vips_image_write_to_buffer(copy.get(), suffix.c_str(), &data, &size, nullptr) != 0) {
    throw std::runtime_error("cannot encode " + suffix + ": " + stages::take_vips_error());
  }
  std::string encoded(static_cast<const char*>(data), size);
  g_free(data);
  if (orientation != 0 && suffix.starts_with(".png")) add_png_orientation(encoded, orientation);
  return encoded;
}

TestImage decode_image(std::string_view data) {
  stages::start_vips();
  const VipsImagePtr image(vips_image_new_from_buffer(data.data(), data.size(), "", nullptr));
  if (image == nullptr) throw std::runtime_error("cannot decode: " + stages::take_vips_error());
  size_t size = 0;
  void* pixels = vips_image_write_to_memory(image.get(), &size);
  if (pixels == nullptr) throw std::runtime_error("cannot decode: " + stages::take_vips_error());
  TestImage decoded{image->Xsize, image->Ysize, image->Bands, {}};
  const auto* bytes = static_cast<const std::uint8_t*>(pixels);
  decoded.pixels.assign(bytes, bytes + size);
  g_free(pixels);
  return decoded;
}

bool has_metadata(std::string_view data, const char* name) {
  const VipsImagePtr image(vips_image_new_from_buffer(data.data(), data.size(), "", nullptr));
  return vips_image_get_typeof(image.get(), name) != 0;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string png_that_claims(std::uint32_t width, std::uint32_t height) {
  std::string png("\x89PNG\r\n\x1a\n", 8);
  std::string header;
  append_number(header, width);
  append_number(header, height);
  header += std::string("\x08\x02\x00\x00\x00", 5);  // 8 bits, RGB.
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8));  // Deflate of nothing.
  append_chunk(png, "IEND", "");
  return png;
}

}  // namespace penstock::test
