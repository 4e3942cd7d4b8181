// The input is hostile until shown otherwise: only the decoder of the format that its magic bytes name is called.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/vips_path.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <string>
#include <utility>

#include "penstock/error.h"
#include "stages/common/image_header.h"
#include "stages/common/vips_image.h"
#include "stages/resize/decode.h"
#include "stages/resize/encode.h"
#include "stages/resize/errors.h"
#include "stages/resize/limits.h"
#include "stages/resize/pixels.h"
#include "stages/resize/split.h"

namespace penstock::stages {
namespace {

// From here on the pass over the pixels is split over the cores; below, starting the others costs more than it gains.
constexpr std::size_t kParallelBytes = std::size_t{4} << 20;
constexpr int kRowsPerTask = 64;

// What libvips holds while rows go through: whole rows of the decoded picture in the windows of the decoder, of the
// shrinking and of the resampling steps. Measured with pictures of 1,000 to 20,000 pixels in width and all formats;
// more than all rows are never held.
constexpr std::uint64_t kRowsInWork = 1300;
constexpr std::uint64_t kFixedNeed = std::uint64_t{2} << 20;

Size stored_size(const ImageHeader& header, const Size& upright) {
  return header.swaps_sides() ? Size{upright.height, upright.width} : upright;
}

// `wanted`: the upright size that a picture with such a header is scaled to.
template <class Wanted>
OpenedPicture open(std::string_view data, ImageFormat format, const ResizeParams& limits, Wanted wanted) {
  const ImageHeader header = checked_header(data, format, limits);
  try {
    OpenedPicture picture =
        open_picture(data, format, header, [&](const ImageHeader& h) { return stored_size(h, wanted(h)); });
    check_pixels(picture.header, limits);
    return picture;
  } catch (const VipsError& error) {
    throw_decode_error(data, format, error);
  }
}

// The part `crop` of the picture, scaled to `scaled`; both upright.
Pixels decode(std::string_view data, ImageFormat format, const OpenedPicture& picture, const Size& scaled,
              const PixelRect& crop, const ResizeParams& params, StageContext& context, VipsImagePtr& metadata) {
  const Size stored = stored_size(picture.header, scaled);
  try {
    return scale_picture(
        picture, stored, stored_rect(crop, stored, picture.header.orientation), params.kernel,
        [&] { return context.stop_requested(); }, params.metadata == Metadata::keep ? &metadata : nullptr);
  } catch (const VipsError& error) {
    throw_decode_error(data, format, error);
  } catch (const std::bad_alloc&) {
    throw ItemError(kTooLarge, "there is no memory for the picture");
  }
}

// Bands of the result: no alpha where the format has none, colours where the background needs them.
int canvas_bands(const Pixels& stored, const Placement& placement, ImageFormat format, const Colour& background) {
  const bool shows_background = placement.has_border() || (stored.has_alpha() && !can_hold_alpha(format));
  const bool is_grey = stored.bands <= 2 && (!shows_background || background.is_grey());
  const bool has_alpha =
      can_hold_alpha(format) && (stored.has_alpha() || (placement.has_border() && background.alpha < 255));
  return (is_grey ? 1 : 3) + (has_alpha ? 1 : 0);
}

Pixels finish(Pixels stored, int orientation, const Placement& placement, ImageFormat format, const Colour& background,
              StageContext& context) {
  const Composition how{.orientation = orientation,
                        .canvas = placement.canvas,
                        .left = placement.left,
                        .top = placement.top,
                        .bands = canvas_bands(stored, placement, format, background),
                        .background = background};
  if (is_identity(stored, how)) return stored;
  Pixels canvas(how.canvas, how.bands);
  if (canvas.bytes() < kParallelBytes) {
    compose_rows(stored, how, canvas, 0, canvas.height);
    return canvas;
  }
  const int tasks = (canvas.height + kRowsPerTask - 1) / kRowsPerTask;
  split(context, tasks, [&](int task) {
    const int first = task * kRowsPerTask;
    compose_rows(stored, how, canvas, first, std::min(first + kRowsPerTask, canvas.height));
  });
  return canvas;
}

std::uint64_t need(const ImageHeader& header, const Placement& placement, ImageFormat source, ImageFormat format) {
  const Size stored = stored_size(header, placement.scaled);
  const double shrink =
      shrink_on_load(source, std::min(static_cast<double>(header.width) / static_cast<double>(stored.width),
                                      static_cast<double>(header.height) / static_cast<double>(stored.height)));
  const std::uint64_t loaded_width = static_cast<std::uint64_t>(std::ceil(header.width / shrink));
  const std::uint64_t loaded_height = static_cast<std::uint64_t>(std::ceil(header.height / shrink));
  const std::uint64_t pixel = static_cast<std::uint64_t>(header.bands) * header.bytes_per_sample;
  const std::uint64_t rows = std::min(kRowsInWork, loaded_height + 16);
  std::uint64_t bytes = kFixedNeed + header.kept_bytes + rows * loaded_width * pixel;
  if (source == ImageFormat::webp) bytes += loaded_width * loaded_height * 4;  // Its decoder gives whole pictures.
  bytes += static_cast<std::uint64_t>(placement.crop.width) * placement.crop.height * 4;
  const auto canvas = static_cast<std::uint64_t>(placement.canvas.pixels());
  const bool has_alpha = header.bands == 2 || header.bands == 4;
  if (header.orientation != 1 || placement.has_border() || (has_alpha && !can_hold_alpha(format))) bytes += canvas * 4;
  return bytes + encoding_need(format, canvas);
}

/// What a picture is decoded to for several results.
Size size_for_all(const ImageHeader& header, std::span<const ResizeParams> results) {
  Size size{1, 1};
  for (const ResizeParams& params : results) {
    const Size scaled = placement_of(header, params).scaled;
    size = {std::max(size.width, scaled.width), std::max(size.height, scaled.height)};
  }
  return size;
}

ResizeResult write(const Pixels& pixels, ImageFormat format, const ResizeParams& params, VipsImage* metadata,
                   const ImageHeader& header) {
  const Size size{pixels.width, pixels.height};
  try {
    return {encode(pixels, format, params.quality, metadata), size, {header.shown_width(), header.shown_height()}};
  } catch (const VipsError& error) {
    throw_encode_error(size, format, error);
  }
}

}  // namespace

ResizeResult resize_with_vips(std::string_view data, ImageFormat source, const ResizeParams& params,
                              StageContext& context) {
  use_vips_on_this_thread();
  const ImageFormat format = output_format(params.format, source);
  OpenedPicture picture =
      open(data, source, params, [&](const ImageHeader& h) { return placement_of(h, params).scaled; });
  const ImageHeader header = picture.header;
  const Placement placement = checked_placement(header, format, params);
  VipsImagePtr metadata;
  Pixels stored = decode(data, source, picture, placement.scaled, placement.crop, params, context, metadata);
  const Pixels pixels = finish(std::move(stored), header.orientation, placement, format, params.background, context);
  picture.image.reset();
  return write(pixels, format, params, metadata.get(), header);
}

std::uint64_t vips_need(std::string_view data, ImageFormat source, const ResizeParams& params) {
  const ImageHeader header = checked_header(data, source, params);
  const ImageFormat format = output_format(params.format, source);
  return need(header, checked_placement(header, format, params), source, format);
}

VipsPicture::VipsPicture(std::string_view data, ImageFormat source, std::span<const ResizeParams> results,
                         StageContext& context)
    : source_(source) {
  use_vips_on_this_thread();
  const auto largest = [&](const ImageHeader& header) { return size_for_all(header, results); };
  const OpenedPicture picture = open(data, source, results.front(), largest);
  header_ = picture.header;
  for (const ResizeParams& params : results)
    (void)checked_placement(header_, output_format(params.format, source), params);
  const Size size = largest(header_);
  const PixelRect whole{0, 0, static_cast<int>(size.width), static_cast<int>(size.height)};
  pixels_ = decode(data, source, picture, size, whole, results.front(), context, metadata_);
}

std::uint64_t VipsPicture::memory_need(std::string_view data, ImageFormat source,
                                       std::span<const ResizeParams> results) {
  const ImageHeader header = checked_header(data, source, results.front());
  std::uint64_t most = 0;
  for (const ResizeParams& params : results) {
    const ImageFormat format = output_format(params.format, source);
    most = std::max(most, need(header, checked_placement(header, format, params), source, format));
  }
  return most + static_cast<std::uint64_t>(size_for_all(header, results).pixels()) * 4;
}

ResizeResult VipsPicture::render(const ResizeParams& params, StageContext& context) const {
  use_vips_on_this_thread();
  const ImageFormat format = output_format(params.format, source_);
  const Placement placement = checked_placement(header_, format, params);
  const Size stored = stored_size(header_, placement.scaled);
  const PixelRect crop = stored_rect(placement.crop, stored, header_.orientation);
  try {
    const OpenedPicture picture{image_of(pixels_), header_};
    Pixels scaled = scale_picture(
        picture, stored, crop, params.kernel, [&] { return context.stop_requested(); }, nullptr);
    const Pixels pixels = finish(std::move(scaled), header_.orientation, placement, format, params.background, context);
    return write(pixels, format, params, metadata_.get(), header_);
  } catch (const VipsError& error) {
    throw_encode_error(placement.canvas, format, error);
  } catch (const std::bad_alloc&) {
    throw ItemError(kTooLarge, "there is no memory for the result of " + text_of(placement.canvas) + " pixels");
  }
}

}  // namespace penstock::stages
