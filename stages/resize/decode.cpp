// The order of the steps is that of vips_thumbnail() (libvips 8.14, thumbnail.c): shrink on load, to the space to
// resize in, premultiply, resize, unpremultiply, to sRGB. Unlike it we call the loader of the format that we found
// ourselves, and convert by the embedded colour profile. SPDX-License-Identifier: Apache-2.0
#include "stages/resize/decode.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "stages/resize/srgb_profile.h"

namespace penstock::stages {
namespace {

VipsKernel vips_kernel(Kernel kernel) {
  switch (kernel) {
    case Kernel::nearest:
      return VIPS_KERNEL_NEAREST;
    case Kernel::linear:
      return VIPS_KERNEL_LINEAR;
    case Kernel::cubic:
      return VIPS_KERNEL_CUBIC;
    case Kernel::mitchell:
      return VIPS_KERNEL_MITCHELL;
    case Kernel::lanczos2:
      return VIPS_KERNEL_LANCZOS2;
    case Kernel::lanczos3:
      return VIPS_KERNEL_LANCZOS3;
  }
  return VIPS_KERNEL_LANCZOS3;
}

// Replaces `image` by what the operation makes of it.
template <class Operation>
void apply(VipsImagePtr& image, Operation operation) {
  image = make_vips_image([&](VipsImage** out) { return operation(image.get(), out); });
}

void to_plain_colours(VipsImagePtr& image) {
  const VipsInterpretation space = image->Bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (image->Type == space && image->BandFmt == VIPS_FORMAT_UCHAR) return;
  apply(image, [&](VipsImage* in, VipsImage** out) { return vips_colourspace(in, out, space, nullptr); });
}

// By the embedded profile; CMYK without one by the profile that libvips brings.
void to_srgb_by_profile(VipsImagePtr& image) {
  const char* fallback = image->Type == VIPS_INTERPRETATION_CMYK ? "cmyk" : "srgb";
  VipsImage* out = nullptr;
  if (vips_icc_transform(image.get(), &out, "srgb", "embedded", TRUE, "input_profile", fallback, "depth", 8, nullptr) ==
      0) {
    image.reset(out);
    return;
  }
  take_vips_error();  // A profile that fits the picture ill is no reason to lose the picture.
  to_plain_colours(image);
}

// True when the samples mean something else than sRGB or grey.
bool needs_profile(VipsImage* image) {
  if (image->Type == VIPS_INTERPRETATION_CMYK) return true;
  const void* profile = nullptr;
  size_t size = 0;
  if (vips_image_get_typeof(image, VIPS_META_ICC_NAME) == 0) return false;
  if (vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size) != 0) return true;
  return !is_srgb_profile({static_cast<const char*>(profile), size});
}

void to_eight_bits(VipsImagePtr& image) {
  if (image->Bands > 4) {
    apply(image, [](VipsImage* in, VipsImage** out) { return vips_extract_band(in, out, 0, "n", 3, nullptr); });
  }
  if (image->BandFmt != VIPS_FORMAT_UCHAR) {
    apply(image, [](VipsImage* in, VipsImage** out) { return vips_cast(in, out, VIPS_FORMAT_UCHAR, nullptr); });
  }
}

void resize(VipsImagePtr& image, Size scaled, Kernel kernel) {
  if (Size{image->Xsize, image->Ysize} == scaled) return;
  const double horizontal = static_cast<double>(scaled.width) / image->Xsize;
  const double vertical = static_cast<double>(scaled.height) / image->Ysize;
  const bool has_alpha = vips_image_hasalpha(image.get()) != 0;
  const VipsBandFormat format = image->BandFmt;
  // Colours of transparent pixels must not bleed into their neighbours.
  if (has_alpha) {
    apply(image, [](VipsImage* in, VipsImage** out) { return vips_premultiply(in, out, nullptr); });
    apply(image, [&](VipsImage* in, VipsImage** out) { return vips_cast(in, out, format, nullptr); });
  }
  apply(image, [&](VipsImage* in, VipsImage** out) {
    return vips_resize(in, out, horizontal, "vscale", vertical, "kernel", vips_kernel(kernel), nullptr);
  });
  if (has_alpha) {
    apply(image, [](VipsImage* in, VipsImage** out) { return vips_unpremultiply(in, out, nullptr); });
    apply(image, [&](VipsImage* in, VipsImage** out) { return vips_cast(in, out, format, nullptr); });
  }
}

}  // namespace

// Decoders average blocks, which is a poor filter: the real resize gets at least a factor of two (as in thumbnail.c),
// but for WebP, whose decoder scales well.
double shrink_on_load(ImageFormat format, double shrink) {
  if (format == ImageFormat::jpeg) return shrink >= 16 ? 8 : shrink >= 8 ? 4 : shrink >= 4 ? 2 : 1;
  if (format == ImageFormat::webp) return std::max(1.0, shrink);
  return 1;
}

OpenedPicture open_picture(std::string_view data, ImageFormat format, ImageHeader header,
                           const std::function<Size(const ImageHeader&)>& wanted) {
  const auto shrink_for = [&] {
    const Size size = wanted(header);
    return shrink_on_load(format, std::min(static_cast<double>(header.width) / static_cast<double>(size.width),
                                           static_cast<double>(header.height) / static_cast<double>(size.height)));
  };
  double shrink = shrink_for();
  OpenedPicture picture{open_vips_image(data, format, shrink), header};
  // Should the decoder see another picture than we did, its word counts: begin again with what it says.
  // But for the orientation of formats in which it does not look for one (PNG, without support in libpng).
  const bool knows_orientation = vips_image_get_typeof(picture.image.get(), VIPS_META_ORIENTATION) != 0;
  const int orientation = knows_orientation ? vips_image_get_orientation(picture.image.get()) : header.orientation;
  const auto differs = [&](std::uint32_t ours, int theirs) {
    return std::abs(static_cast<double>(ours) / shrink - theirs) > 2;
  };
  if (orientation != header.orientation || differs(header.width, picture.image->Xsize) ||
      differs(header.height, picture.image->Ysize)) {
    if (shrink != 1) picture.image = open_vips_image(data, format);
    header.width = static_cast<std::uint32_t>(picture.image->Xsize);
    header.height = static_cast<std::uint32_t>(picture.image->Ysize);
    header.orientation = orientation;
    shrink = shrink_for();
    if (shrink != 1) picture.image = open_vips_image(data, format, shrink);
    picture.header = header;
  }
  return picture;
}

Pixels scale_picture(const OpenedPicture& picture, Size scaled, const PixelRect& crop, Kernel kernel,
                     const std::function<bool()>& should_stop, VipsImagePtr* metadata) {
  VipsImagePtr image(static_cast<VipsImage*>(g_object_ref(picture.image.get())));
  const bool has_profile = needs_profile(image.get());
  if (!has_profile) to_plain_colours(image);
  resize(image, scaled, kernel);
  if (has_profile) to_srgb_by_profile(image);
  to_eight_bits(image);
  Pixels pixels({crop.width, crop.height}, image->Bands);
  read_pixels(image.get(), crop, reinterpret_cast<std::byte*>(pixels.data.get()), should_stop);
  if (metadata != nullptr) *metadata = std::move(image);
  return pixels;
}

}  // namespace penstock::stages
