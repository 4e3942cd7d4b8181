// Decodes an image, scales it to a box, makes it upright and encodes it again, on one worker.
//
// The input is hostile until shown otherwise: the format is found by its magic bytes, the size is checked before any
// decoder runs, and only the decoder of that format is called.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/resize.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/stage.h"
#include "stages/common/image_format.h"
#include "stages/common/image_header.h"
#include "stages/common/vips_image.h"
#include "stages/resize/colour.h"
#include "stages/resize/decode.h"
#include "stages/resize/encode.h"
#include "stages/resize/geometry.h"
#include "stages/resize/pixels.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {
namespace {

enum class OutputFormat { keep, jpeg, png, webp, avif, tiff, gif };
constexpr std::array<Name<OutputFormat>, 7> names_of(OutputFormat) {
  return {{{OutputFormat::keep, "keep"},
           {OutputFormat::jpeg, "jpeg"},
           {OutputFormat::png, "png"},
           {OutputFormat::webp, "webp"},
           {OutputFormat::avif, "avif"},
           {OutputFormat::tiff, "tiff"},
           {OutputFormat::gif, "gif"}}};
}

enum class Metadata { strip, keep };
constexpr std::array<Name<Metadata>, 2> names_of(Metadata) {
  return {{{Metadata::strip, "strip"}, {Metadata::keep, "keep"}}};
}

constexpr ErrorCode kUnknownFormat{"resize.unknown_format",
                                   "The input does not begin like an image of any known format."};
constexpr ErrorCode kFormatNotAllowed{"resize.format_not_allowed",
                                      "The input is an image of a format that `formats` does not name."};
constexpr ErrorCode kTruncated{"resize.truncated", "The image file ends before its picture does."};
constexpr ErrorCode kCorrupt{"resize.corrupt",
                             "The image file is damaged: its header or its picture cannot be decoded."};
constexpr ErrorCode kTooManyPixels{"resize.too_many_pixels", "The image has more pixels than `max_pixels`."};
constexpr ErrorCode kTooLarge{"resize.too_large_dimensions",
                              "The result would be larger than its format, or `max_pixels`, allows."};
constexpr ErrorCode kEncodeFailed{"resize.encode_failed", "The result could not be written in the format asked for."};

struct ResizeParams {
  int width = 0;
  int height = 0;
  Fit fit = Fit::inside;
  bool enlarge = false;
  Position position = Position::center;
  Colour background;
  Kernel kernel = Kernel::lanczos3;
  OutputFormat format = OutputFormat::keep;
  std::optional<int> quality;
  std::uint64_t max_pixels = 100'000'000;
  std::vector<ImageFormat> formats{ImageFormat::jpeg, ImageFormat::png,  ImageFormat::webp, ImageFormat::gif,
                                   ImageFormat::tiff, ImageFormat::avif, ImageFormat::heic};
  Metadata metadata = Metadata::strip;
};

// From here on the pass over the pixels is split over the cores; below, starting the others costs more than it gains.
constexpr std::size_t kParallelBytes = std::size_t{4} << 20;
constexpr int kRowsPerTask = 64;

// What libvips holds while rows go through: whole rows of the decoded picture in the windows of the decoder, of the
// shrinking and of the resampling steps. Measured with pictures of 1,000 to 20,000 pixels in width and all formats;
// more than all rows are never held.
constexpr std::uint64_t kRowsInWork = 1300;
constexpr std::uint64_t kFixedNeed = std::uint64_t{2} << 20;

std::string text_of(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + " x " + std::to_string(height);
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

// Says what a decoder's failure means: were the data cut off, or are they damaged?
[[noreturn]] void throw_decode_error(std::string_view data, ImageFormat format, const VipsError& error) {
  const std::string name(name_of(format));
  const std::string words = *error.what() == '\0' ? "" : " (" + std::string(error.what()) + ")";
  if (const std::optional<std::string> missing = find_missing_end(data, format)) {
    throw ItemError(kTruncated, "the " + name + " file of " + std::to_string(data.size()) +
                                    " bytes ends too early: " + *missing + " is missing" + words);
  }
  throw ItemError(kCorrupt,
                  "the " + name + " file of " + std::to_string(data.size()) + " bytes cannot be decoded" + words);
}

class Resize final : public Transform<Bytes, EncodedImage> {
 public:
  explicit Resize(ResizeParams params) : params_(std::move(params)) {}

  void open(StageContext&) override { start_vips(); }

  EncodedImage process(const Bytes& in, StageContext& context) const override {
    use_vips_on_this_thread();
    const ImageFormat source_format = allowed_format(in.view());
    const ImageFormat format = output_format(params_.format, source_format);
    OpenedPicture picture = open(in.view(), source_format);
    const ImageHeader& header = picture.header;
    const Placement placement = checked_placement(header, format);
    VipsImagePtr metadata;
    const Pixels pixels = finish(decode(in.view(), source_format, picture, placement, context, metadata),
                                 header.orientation, placement, format, context);
    picture.image.reset();
    std::string data = write(pixels, format, metadata.get());
    context.set_attribute("image.width", std::int64_t{pixels.width});
    context.set_attribute("image.height", std::int64_t{pixels.height});
    context.set_attribute("image.source_width", std::int64_t{header.shown_width()});
    context.set_attribute("image.source_height", std::int64_t{header.shown_height()});
    context.set_attribute("image.format", std::string(name_of(format)));
    // The result goes on holding its part of what was reserved for the work.
    MemoryCharge kept = context.keep(data.capacity());
    return EncodedImage(Bytes(std::move(data), std::move(kept)), format, pixels.width, pixels.height);
  }

  std::uint64_t memory_need(const Bytes& in, const StageContext&) const {
    try {
      const ImageFormat source_format = allowed_format(in.view());
      const ImageHeader header = checked_header(in.view(), source_format);
      const ImageFormat format = output_format(params_.format, source_format);
      return need(header, checked_placement(header, format), source_format, format);
    } catch (const ItemError&) {
      return 0;  // process() finds the same and throws before it allocates.
    }
  }

 private:
  ImageFormat allowed_format(std::string_view data) const {
    const std::optional<ImageFormat> format = detect_image_format(data);
    if (!format) throw ItemError(kUnknownFormat, "expected an image, got " + describe_unknown_data(data));
    if (std::find(params_.formats.begin(), params_.formats.end(), *format) == params_.formats.end() ||
        !can_load(*format)) {
      std::string allowed;
      for (ImageFormat name : params_.formats) allowed += (allowed.empty() ? "" : ", ") + std::string(name_of(name));
      throw ItemError(kFormatNotAllowed, "the image is a " + std::string(name_of(*format)) + "; allowed are " +
                                             allowed + (can_load(*format) ? "" : "; this libvips cannot read it"));
    }
    return *format;
  }

  ImageHeader checked_header(std::string_view data, ImageFormat format) const {
    try {
      const ImageHeader header = read_any_header(data, format);
      check_pixels(header);
      return header;
    } catch (const VipsError& error) {
      throw_decode_error(data, format, error);
    }
  }

  void check_pixels(const ImageHeader& header) const {
    if (header.pixels() <= params_.max_pixels) return;
    throw ItemError(kTooManyPixels, "the image has " + text_of(header.width, header.height) + " = " +
                                        std::to_string(header.pixels()) + " pixels; `max_pixels` is " +
                                        std::to_string(params_.max_pixels));
  }

  Placement placement_of(const ImageHeader& header) const {
    return place({header.shown_width(), header.shown_height()},
                 {params_.width, params_.height, params_.fit, params_.position, params_.enlarge});
  }

  Placement checked_placement(const ImageHeader& header, ImageFormat format) const {
    const Placement placement = placement_of(header);
    const std::int64_t side = std::max(placement.canvas.width, placement.canvas.height);
    if (side > max_side(format)) {
      throw ItemError(kTooLarge, "the result would have " + text_of(placement.canvas.width, placement.canvas.height) +
                                     " pixels; a side of a " + std::string(name_of(format)) + " has at most " +
                                     std::to_string(max_side(format)));
    }
    if (std::max(placement.scaled.width, placement.scaled.height) > kMaxScaledSide ||
        static_cast<std::uint64_t>(placement.canvas.pixels()) > params_.max_pixels) {
      throw ItemError(kTooLarge, "the result would have " + text_of(placement.canvas.width, placement.canvas.height) +
                                     " pixels, enlarged to " +
                                     text_of(placement.scaled.width, placement.scaled.height) + "; `max_pixels` is " +
                                     std::to_string(params_.max_pixels));
    }
    return placement;
  }

  OpenedPicture open(std::string_view data, ImageFormat format) const {
    const ImageHeader header = checked_header(data, format);
    try {
      OpenedPicture picture = open_picture(data, format, header, [this](const ImageHeader& h) {
        const Size scaled = placement_of(h).scaled;
        return h.swaps_sides() ? Size{scaled.height, scaled.width} : scaled;
      });
      check_pixels(picture.header);
      return picture;
    } catch (const VipsError& error) {
      throw_decode_error(data, format, error);
    }
  }

  Pixels decode(std::string_view data, ImageFormat format, const OpenedPicture& picture, const Placement& placement,
                StageContext& context, VipsImagePtr& metadata) const {
    const Size stored =
        picture.header.swaps_sides() ? Size{placement.scaled.height, placement.scaled.width} : placement.scaled;
    const PixelRect crop = stored_rect(placement.crop, stored, picture.header.orientation);
    try {
      return scale_picture(
          picture, stored, crop, params_.kernel, [&] { return context.stop_requested(); },
          params_.metadata == Metadata::keep ? &metadata : nullptr);
    } catch (const VipsError& error) {
      throw_decode_error(data, format, error);
    } catch (const std::bad_alloc&) {
      throw ItemError(kTooLarge, "there is no memory for the picture");
    }
  }

  // Bands of the result: no alpha where the format has none, colours where the background needs them.
  int canvas_bands(const Pixels& stored, const Placement& placement, ImageFormat format) const {
    const bool shows_background = placement.has_border() || (stored.has_alpha() && !can_hold_alpha(format));
    const bool is_grey = stored.bands <= 2 && (!shows_background || params_.background.is_grey());
    const bool has_alpha =
        can_hold_alpha(format) && (stored.has_alpha() || (placement.has_border() && params_.background.alpha < 255));
    return (is_grey ? 1 : 3) + (has_alpha ? 1 : 0);
  }

  Pixels finish(Pixels stored, int orientation, const Placement& placement, ImageFormat format,
                StageContext& context) const {
    const Composition how{.orientation = orientation,
                          .canvas = placement.canvas,
                          .left = placement.left,
                          .top = placement.top,
                          .bands = canvas_bands(stored, placement, format),
                          .background = params_.background};
    if (is_identity(stored, how)) return stored;
    Pixels canvas(how.canvas, how.bands);
    if (canvas.bytes() < kParallelBytes) {
      compose_rows(stored, how, canvas, 0, canvas.height);
      return canvas;
    }
    const int tasks = (canvas.height + kRowsPerTask - 1) / kRowsPerTask;
    context.parallel([&] {
      tbb::parallel_for(0, tasks, [&](int task) {
        const int first = task * kRowsPerTask;
        compose_rows(stored, how, canvas, first, std::min(first + kRowsPerTask, canvas.height));
      });
    });
    return canvas;
  }

  std::string write(const Pixels& pixels, ImageFormat format, VipsImage* metadata) const {
    try {
      return encode(pixels, format, params_.quality, metadata);
    } catch (const VipsError& error) {
      throw ItemError(kEncodeFailed, "the picture of " + text_of(pixels.width, pixels.height) +
                                         " pixels cannot be written as " + std::string(name_of(format)) + " (" +
                                         error.what() + ")");
    }
  }

  static std::uint64_t need(const ImageHeader& header, const Placement& placement, ImageFormat source,
                            ImageFormat format) {
    const Size stored = header.swaps_sides() ? Size{placement.scaled.height, placement.scaled.width} : placement.scaled;
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
    if (header.orientation != 1 || placement.has_border() || (has_alpha && !can_hold_alpha(format)))
      bytes += canvas * 4;
    return bytes + encoding_need(format, canvas);
  }

  ResizeParams params_;
};

}  // namespace

StageSpec resize_spec() {
  return describe_stage<Resize, ResizeParams>("resize")
      .summary("Scales an image to a box and encodes it again: upright, in sRGB, without metadata.")
      .input<Bytes>("image", "An image file. Of an animation, the first frame is taken.")
      .output<EncodedImage>("image", "The scaled image file.")
      .param(&ResizeParams::width, "width", "Width of the box in pixels; 0 follows `height`.", between(0, 65'535))
      .param(&ResizeParams::height, "height", "Height of the box in pixels; 0 follows `width`.", between(0, 65'535))
      .param(
          &ResizeParams::fit, "fit",
          "`inside`: the whole picture within the box. `cover`: fills the box, what stands out is cut off. `contain`: "
          "like `inside`, then filled up to the box with `background`. `stretch`: exactly the box.")
      .param(&ResizeParams::enlarge, "enlarge", "Whether a picture smaller than the box is enlarged to it.")
      .param(&ResizeParams::position, "position", "Which part `cover` keeps, and where `contain` puts the picture.")
      .param(
          &ResizeParams::background, "background",
          "Colour of the border that `contain` adds, and behind transparent pixels where the output format has none.")
      .param(&ResizeParams::kernel, "kernel", "Resampling filter.")
      .param(&ResizeParams::format, "format",
             "Format of the result. `keep`: that of the input, or png where that cannot be written.")
      .param(&ResizeParams::quality, "quality",
             "Encoder quality; ignored by png, gif and tiff. Without it: jpeg and webp 80, avif and heic 50.",
             between(1, 100))
      .param(&ResizeParams::max_pixels, "max_pixels",
             "Images with more pixels than this, and results that would have more, fail; known before decoding.",
             at_least(1))
      .param(
          &ResizeParams::formats, "formats",
          "Input formats that are let in. The decoders of svg, pdf, jp2, jxl and bmp are not made for hostile input.",
          at_least(1))
      .param(&ResizeParams::metadata, "metadata", "Whether EXIF, XMP, IPTC and the colour profile are kept.")
      .at_least_one_of(&ResizeParams::width, &ResizeParams::height)
      .error(kUnknownFormat)
      .error(kFormatNotAllowed)
      .error(kTruncated)
      .error(kCorrupt)
      .error(kTooManyPixels)
      .error(kTooLarge)
      .error(kEncodeFailed)
      .attribute("image.width", "Width of the result in pixels.")
      .attribute("image.height", "Height of the result in pixels.")
      .attribute("image.source_width", "Width of the input in pixels, after orientation.")
      .attribute("image.source_height", "Height of the input in pixels, after orientation.")
      .attribute("image.format", "Format of the result: jpeg, png, webp, gif, tiff, avif or heic.")
      .example(R"({"type": "resize", "width": 256, "height": 256})");
}

}  // namespace penstock::stages
