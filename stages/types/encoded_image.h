// An image file in memory: bytes that are known to be an image of a certain format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/option_codec.h"
#include "penstock/payload.h"

namespace penstock::stages {

/// Image file formats that can be told apart. That a format has a name here does not mean that a stage can read it.
enum class ImageFormat { jpeg, png, webp, gif, tiff, avif, heic, svg, jp2, jxl, pdf, bmp };

constexpr std::array<Name<ImageFormat>, 12> names_of(ImageFormat) {
  return {{{ImageFormat::jpeg, "jpeg"},
           {ImageFormat::png, "png"},
           {ImageFormat::webp, "webp"},
           {ImageFormat::gif, "gif"},
           {ImageFormat::tiff, "tiff"},
           {ImageFormat::avif, "avif"},
           {ImageFormat::heic, "heic"},
           {ImageFormat::svg, "svg"},
           {ImageFormat::jp2, "jp2"},
           {ImageFormat::jxl, "jxl"},
           {ImageFormat::pdf, "pdf"},
           {ImageFormat::bmp, "bmp"}}};
}

constexpr std::string_view name_of(ImageFormat format) {
  for (const auto& entry : names_of(format)) {
    if (entry.value == format) return entry.name;
  }
  return "unknown";
}

/// Bytes of a whole image file. Accepted wherever Bytes is.
class EncodedImage : public Bytes {
 public:
  /// `width` and `height` in pixels as a viewer shows the image, after orientation; 0 when not known.
  EncodedImage(Bytes bytes, ImageFormat format, int width, int height)
      : Bytes(std::move(bytes)), format_(format), width_(width), height_(height) {}

  ImageFormat format() const { return format_; }
  int width() const { return width_; }
  int height() const { return height_; }

 private:
  ImageFormat format_;
  int width_;
  int height_;
};

}  // namespace penstock::stages

template <>
struct penstock::PayloadTraits<penstock::stages::EncodedImage> {
  using Base = Bytes;
  static constexpr std::string_view name = "encoded_image";
  static std::uint64_t bytes(const stages::EncodedImage& image) { return image.size(); }
  static std::uint64_t charged(const stages::EncodedImage& image) { return image.charged(); }

  // The file, then what is known of it: format, width and height as they lie in memory. It is read back by the program
  // that has written it.
  static void encode(const stages::EncodedImage& image, ByteSink& out) {
    out.write(image.view());
    const std::array<std::int32_t, 3> known{static_cast<std::int32_t>(image.format()), image.width(), image.height()};
    out.write({reinterpret_cast<const char*>(known.data()), sizeof known});
  }
  static stages::EncodedImage decode(std::string encoded, MemoryCharge charge) {
    std::array<std::int32_t, 3> known{};
    if (encoded.size() < sizeof known) throw std::invalid_argument("penstock: no image was written here");
    const std::size_t size = encoded.size() - sizeof known;
    std::memcpy(known.data(), encoded.data() + size, sizeof known);
    encoded.resize(size);
    charge.shrink_to(size);
    return {Bytes(std::move(encoded), std::move(charge)), static_cast<stages::ImageFormat>(known[0]), known[1],
            known[2]};
  }
};
