// Every pixel becomes the weighed sum of those around it.
// SPDX-License-Identifier: Apache-2.0
#include "stages/convolve/convolve.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/stage.h"
#include "stages/common/image_format.h"
#include "stages/common/image_header.h"
#include "stages/common/vips_image.h"
#include "stages/convolve/filter_rows.h"
#include "stages/convolve/kernel_matrix.h"
#include "stages/convolve/picture.h"

namespace penstock::stages {
namespace {

enum class Filter { blur, sharpen, edge };
constexpr std::array<Name<Filter>, 3> names_of(Filter) {
  return {{{Filter::blur, "blur"}, {Filter::sharpen, "sharpen"}, {Filter::edge, "edge"}}};
}

constexpr ErrorCode kUnsupported{"convolve.unsupported", "The payload is no JPEG, PNG or WebP image."};
constexpr ErrorCode kTooLarge{"convolve.too_large", "The picture has more pixels than `max_pixels`."};
constexpr ErrorCode kDamaged{"convolve.damaged", "The picture cannot be decoded, or the result not be written."};

constexpr std::size_t kMaxSide = 31;
// Below so many products starting the other cores costs more than it gains.
constexpr std::uint64_t kParallelProducts = 4'000'000;
constexpr int kRowsPerTask = 32;
// libvips' windows, and the PNG file: deflate may make it a little larger than its samples.
constexpr std::uint64_t kFixedNeed = std::uint64_t{4} << 20U;

using Rows = std::vector<std::vector<double>>;

struct ConvolveParams {
  Filter filter = Filter::blur;
  int radius = 1;
  Rows kernel;
  std::optional<double> scale;
  double offset = 0;
  std::uint64_t max_pixels = 100'000'000;
};

Rows rows_of(const ConvolveParams& params) {
  if (!params.kernel.empty()) return params.kernel;
  switch (params.filter) {
    case Filter::sharpen:
      return sharpen_rows(params.radius);
    case Filter::edge:
      return edge_rows();
    case Filter::blur:
      break;
  }
  return blur_rows(params.radius);
}

/// A plain ground stays as it is, unless the weights add up to nothing.
double scale_of(const ConvolveParams& params, const Rows& rows) {
  if (params.scale) return *params.scale;
  double sum = 0;
  for (const auto& row : rows) {
    for (const double weight : row) sum += weight;
  }
  return std::abs(sum) < 1e-9 ? 1 : 1 / sum;
}

void check_kernel(const ConvolveParams& params) {
  const Rows& rows = params.kernel;
  if (rows.empty()) return;
  const std::size_t width = rows.front().size();
  const auto is_side = [](std::size_t side) { return side % 2 == 1 && side <= kMaxSide; };
  if (!is_side(rows.size()) || !is_side(width)) {
    throw OptionError("option.value",
                      "expected an odd number of rows and columns, 31 at most, got " + std::to_string(rows.size()) +
                          " x " + std::to_string(width),
                      {}, "/kernel");
  }
  for (std::size_t y = 0; y < rows.size(); ++y) {
    if (rows[y].size() == width) continue;
    throw OptionError(
        "option.value",
        "expected " + std::to_string(width) + " weights as in the first row, got " + std::to_string(rows[y].size()), {},
        "/kernel/" + std::to_string(y));
  }
}

bool is_supported(std::optional<ImageFormat> format) {
  return format == ImageFormat::jpeg || format == ImageFormat::png || format == ImageFormat::webp;
}

class Convolve final : public Transform<Bytes, EncodedImage> {
 public:
  explicit Convolve(ConvolveParams params)
      : params_(std::move(params)), kernel_(rows_of(params_), scale_of(params_, rows_of(params_)), params_.offset) {}

  void open(StageContext&) override { start_vips(); }

  EncodedImage process(const Bytes& in, StageContext& context) const override {
    const auto format = detect_image_format(in.view());
    if (!is_supported(format)) throw ItemError(kUnsupported, "the payload is " + describe(in, format));
    use_vips_on_this_thread();
    try {
      const ImageHeader header = read_any_header(in.view(), *format);
      if (header.pixels() > params_.max_pixels) {
        throw ItemError(kTooLarge, "expected at most " + std::to_string(params_.max_pixels) + " pixels, got " +
                                       std::to_string(header.pixels()));
      }
      const Raster picture = decode_picture(in.view(), *format, [&] { return context.stop_requested(); });
      Raster result(picture.width, picture.height, picture.bands);
      filter(picture, result, context);
      std::string file = encode_png(result);
      const std::uint64_t size = file.size();
      return {Bytes(std::move(file), context.keep(size)), ImageFormat::png, result.width, result.height};
    } catch (const VipsError& error) {
      throw ItemError(kDamaged, error.what());
    }
  }

  /// Three pictures at most: the stored and the upright one, or the upright one and the result, and the file.
  std::uint64_t memory_need(const Bytes& in, const StageContext&) const {
    const auto format = detect_image_format(in.view());
    if (!is_supported(format)) return 0;
    const std::optional<ImageHeader> header = read_image_header(in.view(), *format);
    if (!header || header->pixels() > params_.max_pixels) return 0;
    constexpr std::uint64_t kPictures = 3;
    const auto samples = static_cast<std::uint64_t>(header->bands) * header->pixels();
    return kPictures * samples + header->kept_bytes + kFixedNeed;
  }

 private:
  static std::string describe(const Bytes& in, std::optional<ImageFormat> format) {
    return format ? "a " + std::string(name_of(*format)) + " file" : describe_unknown_data(in.view());
  }

  void filter(const Raster& in, Raster& out, StageContext& context) const {
    const auto taps = kernel_.separated() ? kernel_.width() + kernel_.height() : kernel_.width() * kernel_.height();
    if (in.samples.size() * static_cast<std::uint64_t>(taps) < kParallelProducts) {
      return filter_rows(in, kernel_, 0, in.height, out);
    }
    using Part = tbb::blocked_range<int>;
    context.parallel([&] {
      tbb::parallel_for(Part(0, in.height, std::max(kRowsPerTask, kernel_.height())), [&](const Part& part) {
        if (!context.stop_requested()) filter_rows(in, kernel_, part.begin(), part.end(), out);
      });
    });
    if (context.stop_requested()) throw OperationCancelled();
  }

  const ConvolveParams params_;
  const KernelMatrix kernel_;
};

}  // namespace

StageSpec convolve_spec() {
  return describe_stage<Convolve, ConvolveParams>("convolve")
      .summary("Blur or sharpen an image, find its edges, or weigh its pixels with any matrix.")
      .input<Bytes>("image", "A JPEG, PNG or WebP file.")
      .output<EncodedImage>("image", "A PNG file of the same size, upright.")
      .param(&ConvolveParams::filter, "filter", "What to do.")
      .param(&ConvolveParams::radius, "radius", "How far `blur` and `sharpen` look, in pixels.", between(1, 15))
      .param(&ConvolveParams::kernel, "kernel",
             "Weights instead of a `filter`: rows of numbers, an odd number of each, 31 at most.")
      .param(&ConvolveParams::scale, "scale",
             "What sums are multiplied with; without it, such that a plain ground keeps its brightness.")
      .param(&ConvolveParams::offset, "offset", "What is added to each sum, e.g. 128 to see both signs of an edge.")
      .param(&ConvolveParams::max_pixels, "max_pixels", "A larger picture fails.", at_least(1))
      .check(check_kernel)
      .error(kUnsupported)
      .error(kTooLarge)
      .error(kDamaged)
      .example(R"({"type": "convolve", "filter": "sharpen"})");
}

}  // namespace penstock::stages
