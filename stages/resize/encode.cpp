// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/encode.h"

#include <cstring>
#include <string_view>

namespace penstock::stages {
namespace {

struct Blob {
  ~Blob() { g_free(data); }
  void* data = nullptr;
  size_t size = 0;
};

// Copies the metadata that files carry; pixels are upright by now, so the orientation is the plain one.
void* copy_field(VipsImage*, const char* name, GValue* value, void* to) {
  const std::string_view field = name;
  if (field.starts_with("exif-") || field.starts_with("iptc-") || field.starts_with("xmp-") ||
      field == VIPS_META_ICC_NAME) {
    vips_image_set(static_cast<VipsImage*>(to), name, value);
  }
  return nullptr;
}

int save(VipsImage* image, ImageFormat format, int quality, gboolean strip, Blob& blob) {
  switch (format) {
    case ImageFormat::jpeg:
      return vips_jpegsave_buffer(image, &blob.data, &blob.size, "Q", quality, "strip", strip, nullptr);
    case ImageFormat::png:
      return vips_pngsave_buffer(image, &blob.data, &blob.size, "strip", strip, nullptr);
    case ImageFormat::webp:
      return vips_webpsave_buffer(image, &blob.data, &blob.size, "Q", quality, "strip", strip, nullptr);
    case ImageFormat::gif:
      return vips_gifsave_buffer(image, &blob.data, &blob.size, "strip", strip, nullptr);
    case ImageFormat::tiff:
      return vips_tiffsave_buffer(image, &blob.data, &blob.size, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE,
                                  "predictor", VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "strip", strip, nullptr);
    case ImageFormat::avif:
      return vips_heifsave_buffer(image, &blob.data, &blob.size, "Q", quality, "bitdepth", 8, "compression",
                                  VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "strip", strip, nullptr);
    case ImageFormat::heic:
      return vips_heifsave_buffer(image, &blob.data, &blob.size, "Q", quality, "bitdepth", 8, "compression",
                                  VIPS_FOREIGN_HEIF_COMPRESSION_HEVC, "strip", strip, nullptr);
    default:
      return -1;
  }
}

}  // namespace

bool can_encode(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
    case ImageFormat::png:
    case ImageFormat::webp:
    case ImageFormat::gif:
    case ImageFormat::tiff:
    case ImageFormat::avif:
    case ImageFormat::heic:
      return true;
    default:
      return false;
  }
}

bool can_hold_alpha(ImageFormat format) { return format != ImageFormat::jpeg; }

int max_side(ImageFormat format) {
  switch (format) {
    case ImageFormat::webp:
      return 16'383;  // RFC 9649: 14 bits, less one.
    case ImageFormat::avif:
    case ImageFormat::heic:
      return 16'384;  // libheif's limit.
    case ImageFormat::jpeg:
      return 65'500;  // JPEG_MAX_DIMENSION of libjpeg.
    case ImageFormat::gif:
      return 65'535;  // 16 bits.
    default:
      return 1'000'000;  // libpng's limit; more than an option can ask for.
  }
}

std::optional<int> default_quality(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
    case ImageFormat::webp:
      return 80;
    case ImageFormat::avif:
    case ImageFormat::heic:
      return 50;
    default:
      return std::nullopt;
  }
}

// Measured as the growth of the resident set with pictures of noise (6 megapixels, libvips 8.14), rounded up.
std::uint64_t encoding_need(ImageFormat format, std::uint64_t pixels) {
  constexpr std::uint64_t kFixed = std::uint64_t{1} << 20;
  switch (format) {
    case ImageFormat::jpeg:
      return kFixed + 2 * pixels;
    case ImageFormat::png:
    case ImageFormat::tiff:
      return kFixed + 8 * pixels;
    case ImageFormat::webp:
      return kFixed + 20 * pixels;
    case ImageFormat::gif:
      return kFixed + 16 * pixels;
    default:
      return 8 * kFixed + 40 * pixels;
  }
}

VipsImagePtr image_of(const Pixels& pixels) {
  VipsImage* memory = vips_image_new_from_memory(pixels.data.get(), pixels.bytes(), pixels.width, pixels.height,
                                                 pixels.bands, VIPS_FORMAT_UCHAR);
  if (memory == nullptr) throw VipsError(take_vips_error());
  const VipsImagePtr wrapped(memory);
  return make_vips_image([&](VipsImage** out) {
    return vips_copy(wrapped.get(), out, "interpretation",
                     pixels.bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, nullptr);
  });
}

std::string encode(const Pixels& pixels, ImageFormat format, std::optional<int> quality, VipsImage* metadata) {
  const VipsImagePtr image = image_of(pixels);
  if (metadata != nullptr) {
    vips_image_map(metadata, copy_field, image.get());
    vips_image_set_int(image.get(), VIPS_META_ORIENTATION, 1);
  }
  Blob blob;
  const int chosen = quality.value_or(default_quality(format).value_or(0));
  if (save(image.get(), format, chosen, metadata == nullptr ? TRUE : FALSE, blob) != 0)
    throw VipsError(take_vips_error());
  return std::string(static_cast<const char*>(blob.data), blob.size);
}

}  // namespace penstock::stages
