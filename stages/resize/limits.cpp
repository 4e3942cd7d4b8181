// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/limits.h"

#include <algorithm>
#include <optional>

#include "penstock/error.h"
#include "stages/common/image_format.h"
#include "stages/common/vips_image.h"
#include "stages/resize/encode.h"
#include "stages/resize/errors.h"

namespace penstock::stages {

std::string text_of(const Size& size) { return std::to_string(size.width) + " x " + std::to_string(size.height); }

ImageFormat allowed_format(std::string_view data, const ResizeParams& params) {
  const std::optional<ImageFormat> format = detect_image_format(data);
  if (!format) throw ItemError(kUnknownFormat, "expected an image, got " + describe_unknown_data(data));
  if (std::find(params.formats.begin(), params.formats.end(), *format) == params.formats.end() || !can_load(*format)) {
    std::string allowed;
    for (ImageFormat name : params.formats) allowed += (allowed.empty() ? "" : ", ") + std::string(name_of(name));
    throw ItemError(kFormatNotAllowed, "the image is a " + std::string(name_of(*format)) + "; allowed are " + allowed +
                                           (can_load(*format) ? "" : "; this libvips cannot read it"));
  }
  return *format;
}

ImageFormat output_format(OutputFormat wanted, ImageFormat source) {
  switch (wanted) {
    case OutputFormat::jpeg:
      return ImageFormat::jpeg;
    case OutputFormat::png:
      return ImageFormat::png;
    case OutputFormat::webp:
      return ImageFormat::webp;
    case OutputFormat::avif:
      return ImageFormat::avif;
    case OutputFormat::tiff:
      return ImageFormat::tiff;
    case OutputFormat::gif:
      return ImageFormat::gif;
    case OutputFormat::keep:
      break;
  }
  return can_encode(source) ? source : ImageFormat::png;
}

void check_pixels(const ImageHeader& header, const ResizeParams& params) {
  if (header.pixels() <= params.max_pixels) return;
  throw ItemError(kTooManyPixels, "the image has " + text_of({header.width, header.height}) + " = " +
                                      std::to_string(header.pixels()) + " pixels; `max_pixels` is " +
                                      std::to_string(params.max_pixels));
}

ImageHeader checked_header(std::string_view data, ImageFormat format, const ResizeParams& params) {
  try {
    const ImageHeader header = read_any_header(data, format);
    check_pixels(header, params);
    return header;
  } catch (const VipsError& error) {
    throw_decode_error(data, format, error);
  }
}

Placement placement_of(const ImageHeader& header, const ResizeParams& params) {
  return place({header.shown_width(), header.shown_height()}, params.box());
}

Placement checked_placement(const ImageHeader& header, ImageFormat format, const ResizeParams& params) {
  const Placement placement = placement_of(header, params);
  const std::int64_t side = std::max(placement.canvas.width, placement.canvas.height);
  if (side > max_side(format)) {
    throw ItemError(kTooLarge, "the result would have " + text_of(placement.canvas) + " pixels; a side of a " +
                                   std::string(name_of(format)) + " has at most " + std::to_string(max_side(format)));
  }
  if (std::max(placement.scaled.width, placement.scaled.height) > kMaxScaledSide ||
      static_cast<std::uint64_t>(placement.canvas.pixels()) > params.max_pixels) {
    throw ItemError(kTooLarge, "the result would have " + text_of(placement.canvas) + " pixels, enlarged to " +
                                   text_of(placement.scaled) + "; `max_pixels` is " +
                                   std::to_string(params.max_pixels));
  }
  return placement;
}

void throw_decode_error(std::string_view data, ImageFormat format, const std::exception& error) {
  const std::string name(name_of(format));
  const std::string words = *error.what() == '\0' ? "" : " (" + std::string(error.what()) + ")";
  if (const std::optional<std::string> missing = find_missing_end(data, format)) {
    throw ItemError(kTruncated, "the " + name + " file of " + std::to_string(data.size()) +
                                    " bytes ends too early: " + *missing + " is missing" + words);
  }
  throw ItemError(kCorrupt,
                  "the " + name + " file of " + std::to_string(data.size()) + " bytes cannot be decoded" + words);
}

void throw_encode_error(const Size& size, ImageFormat format, const std::exception& error) {
  throw ItemError(kEncodeFailed, "the picture of " + text_of(size) + " pixels cannot be written as " +
                                     std::string(name_of(format)) + " (" + error.what() + ")");
}

}  // namespace penstock::stages
