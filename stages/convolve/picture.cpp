// Pictures from files, and files from pictures.
// SPDX-License-Identifier: Apache-2.0
#include "stages/convolve/picture.h"

#include <memory>

#include "stages/common/vips_image.h"

namespace penstock::stages {
namespace {

struct FreeByGlib {
  void operator()(void* memory) const noexcept { g_free(memory); }
};

/// 8-bit grey or sRGB.
VipsImagePtr plain(VipsImage* image) {
  const VipsInterpretation wanted =
      vips_image_get_bands(image) < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  VipsImagePtr coloured =
      make_vips_image([&](VipsImage** out) { return vips_colourspace(image, out, wanted, nullptr); });
  return make_vips_image([&](VipsImage** out) { return vips_cast_uchar(coloured.get(), out, nullptr); });
}

}  // namespace

Raster decode_picture(std::string_view data, ImageFormat format, const std::function<bool()>& should_stop) {
  const VipsImagePtr opened = open_vips_image(data, format);
  const VipsImagePtr image = plain(opened.get());
  Raster stored(vips_image_get_width(image.get()), vips_image_get_height(image.get()),
                vips_image_get_bands(image.get()));
  read_pixels(image.get(), {0, 0, stored.width, stored.height}, reinterpret_cast<std::byte*>(stored.samples.data()),
              should_stop);
  const int orientation = vips_image_get_orientation(opened.get());
  if (orientation <= 1) return stored;
  const VipsImagePtr lying = VipsImagePtr(vips_image_new_from_memory(
      stored.samples.data(), stored.samples.size(), stored.width, stored.height, stored.bands, VIPS_FORMAT_UCHAR));
  if (!lying) throw VipsError(take_vips_error());
  vips_image_set_int(lying.get(), VIPS_META_ORIENTATION, orientation);
  const VipsImagePtr upright =
      make_vips_image([&](VipsImage** out) { return vips_autorot(lying.get(), out, nullptr); });
  Raster turned(vips_image_get_width(upright.get()), vips_image_get_height(upright.get()), stored.bands);
  read_pixels(upright.get(), {0, 0, turned.width, turned.height}, reinterpret_cast<std::byte*>(turned.samples.data()),
              should_stop);
  return turned;
}

std::string encode_png(const Raster& picture) {
  const VipsImagePtr samples = VipsImagePtr(vips_image_new_from_memory(
      picture.samples.data(), picture.samples.size(), picture.width, picture.height, picture.bands, VIPS_FORMAT_UCHAR));
  if (!samples) throw VipsError(take_vips_error());
  const VipsImagePtr image = make_vips_image([&](VipsImage** out) {
    return vips_copy(samples.get(), out, "interpretation",
                     picture.bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, nullptr);
  });
  void* file = nullptr;
  std::size_t size = 0;
  if (vips_pngsave_buffer(image.get(), &file, &size, "compression", 1, "strip", TRUE, nullptr) != 0) {
    throw VipsError(take_vips_error());
  }
  const std::unique_ptr<void, FreeByGlib> owner(file);
  return {static_cast<const char*>(file), size};
}

}  // namespace penstock::stages
