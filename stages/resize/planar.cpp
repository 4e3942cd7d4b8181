// A sample of the result covers a part of the canvas; its middle is followed back to the upright picture, to the stored
// one and to the decoded plane. All of that is linear, so that one AxisMap per axis says where the samples of a plane
// come from: crop, mirroring, the scale of the decoder and the place of chroma samples cost nothing of their own.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/planar.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace penstock::stages {
namespace {

// From this quality on chroma is written at full size, as libvips does.
constexpr int kFullChromaQuality = 90;

// libjpeg's own: tables, blocks of one row of units, the chunks of a small result; and the weights.
constexpr std::uint64_t kFixedNeed = std::uint64_t{1} << 20;

Subsampling result_chroma(const PlanarTask& task) {
  return task.quality >= kFullChromaQuality ? Subsampling{1, 1} : Subsampling{2, 2};
}

bool swaps_sides(const PlanarTask& task) { return task.orientation >= 5; }
// See stored_point().
bool mirrors_columns(int orientation) {
  return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}
bool mirrors_rows(int orientation) {
  return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

// The scaled picture without crop, as it is stored.
Size stored_scaled(const PlanarTask& task) {
  const Size scaled = task.placement.scaled;
  return swaps_sides(task) ? Size{scaled.height, scaled.width} : scaled;
}

int smallest_scale(const JpegPicture& picture, int plane, Size wanted, Subsampling chroma) {
  for (const int eighths : {1, 2, 4}) {
    const auto reaches = [&](std::int64_t full, int per_sample, std::int64_t side, int per_result) {
      return full * eighths * per_result >= side * 8 * per_sample;
    };
    if (reaches(picture.size.width, picture.subsampling(plane).horizontal, wanted.width, chroma.horizontal) &&
        reaches(picture.size.height, picture.subsampling(plane).vertical, wanted.height, chroma.vertical)) {
      return eighths;
    }
  }
  return 8;
}

int divided(std::int64_t side, int by) { return static_cast<int>((side + by - 1) / by); }

// Samples of a plane of the result that the picture covers, if only partly.
PixelRect covered(const Placement& placement, Subsampling sampling) {
  const int left = placement.left / sampling.horizontal;
  const int top = placement.top / sampling.vertical;
  return {left, top, divided(placement.left + placement.crop.width, sampling.horizontal) - left,
          divided(placement.top + placement.crop.height, sampling.vertical) - top};
}

// One axis of a plane of the result, upright.
struct Axis {
  std::int64_t source = 1;  // Luma samples of the picture, scaled to `scaled`, of which those from `crop` on
  std::int64_t scaled = 1;  // begin at `begin` of the canvas.
  int crop = 0;
  int begin = 0;
  int per_sample = 1;  // Of the result.
  bool is_mirrored = false;
};

// From sample `first` of the result on to a plane of the source that is `scale` times as large as its luma.
AxisMap map_of(const Axis& axis, int first, double scale) {
  const double enlarged = static_cast<double>(axis.source) / static_cast<double>(axis.scaled);
  const double middle = ((first + 0.5) * axis.per_sample - axis.begin + axis.crop) * enlarged;
  const double step = axis.per_sample * enlarged;
  if (axis.is_mirrored) return {(static_cast<double>(axis.source) - middle) * scale, -step * scale};
  return {middle * scale, step * scale};
}

// JFIF 1.02: ITU-R BT.601 with 256 levels.
std::array<std::uint8_t, 3> ycc_of(const Colour& c) {
  const auto level = [](double value) { return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0l, 255l)); };
  return {level(0.299 * c.red + 0.587 * c.green + 0.114 * c.blue),
          level(128 - 0.168736 * c.red - 0.331264 * c.green + 0.5 * c.blue),
          level(128 + 0.5 * c.red - 0.418688 * c.green - 0.081312 * c.blue)};
}

// How much of sample `i`, which covers `per_sample` of the `size` samples of the canvas, lies within [begin, end).
double coverage(int i, int per_sample, std::int64_t size, int begin, int end) {
  const auto from = static_cast<std::int64_t>(i) * per_sample;
  const std::int64_t to = std::min(from + per_sample, size);
  const std::int64_t inside = std::min<std::int64_t>(to, end) - std::max<std::int64_t>(from, begin);
  return static_cast<double>(inside) / static_cast<double>(to - from);
}

// Puts the picture on its border. Samples at the edge may belong to both.
void put(const Plane& part, const PixelRect& where, const Placement& placement, Subsampling sampling,
         std::uint8_t background, Plane& canvas) {
  for (int y = 0; y < canvas.height(); ++y)
    std::memset(canvas.row(y), background, static_cast<std::size_t>(canvas.width()));
  const auto mix = [&](std::uint8_t sample, double share) {
    return static_cast<std::uint8_t>(std::lround(sample * share + background * (1 - share)));
  };
  const int right = placement.left + placement.crop.width;
  const int bottom = placement.top + placement.crop.height;
  for (int y = 0; y < where.height; ++y) {
    std::uint8_t* row = canvas.row(where.top + y) + where.left;
    std::memcpy(row, part.row(y), static_cast<std::size_t>(where.width));
    const double down = coverage(where.top + y, sampling.vertical, placement.canvas.height, placement.top, bottom);
    if (down < 1) {
      for (int x = 0; x < where.width; ++x) row[x] = mix(row[x], down);
    }
    for (const int x : {0, where.width - 1}) {
      const double across =
          coverage(where.left + x, sampling.horizontal, placement.canvas.width, placement.left, right);
      if (across < 1) row[x] = mix(part.row(y)[x], across * down);
    }
  }
}

}  // namespace

PlanarScale planar_scale(const JpegPicture& picture, const PlanarTask& task) {
  const Size scaled = stored_scaled(task);
  if (task.mode == QualityMode::best) {
    const Size twice{2 * scaled.width, 2 * scaled.height};
    return {smallest_scale(picture, 0, twice, {1, 1}), smallest_scale(picture, 1, twice, result_chroma(task))};
  }
  // Just above the size of the result the decoder's own reduction, which is less sharp than the filter, would be nearly
  // all there is. Measured: from 4/3 of it on luma is as good as sharp's; of chroma the PSNR sees less.
  const auto at_least = [&](int numerator, int denominator) {
    const auto side = [&](std::int64_t n) { return (n * numerator + denominator - 1) / denominator; };
    return Size{side(scaled.width), side(scaled.height)};
  };
  return {smallest_scale(picture, 0, at_least(4, 3), {1, 1}),
          smallest_scale(picture, 1, at_least(17, 16), result_chroma(task))};
}

std::uint64_t planar_need(const JpegPicture& picture, const PlanarScale& scale, const PlanarTask& task) {
  std::uint64_t bytes = kFixedNeed;
  if (picture.has_several_scans) bytes += picture.coefficient_bytes();
  const Placement& placement = task.placement;
  std::uint64_t work = 0;
  for (int i = 0; i < picture.count; ++i) {
    const int eighths = i == 0 ? scale.luma : scale.chroma;
    const Size decoded = picture.decoded_size(i, eighths);
    bytes += Plane::bytes_for(decoded.width, decoded.height);
    const Subsampling sampling = i == 0 ? Subsampling{} : result_chroma(task);
    const PixelRect part = covered(placement, sampling);
    bytes += Plane::bytes_for(divided(placement.canvas.width, sampling.horizontal),
                              divided(placement.canvas.height, sampling.vertical));
    // Of the planes in between there is one set, as large as the largest plane needs it.
    const Size turned = swaps_sides(task) ? Size{part.height, part.width} : Size{part.width, part.height};
    std::uint64_t between = Resampler::bytes_for(decoded.width, turned.width, turned.height);
    if (placement.has_border()) between += Plane::bytes_for(part.width, part.height);
    // Lanczos-3 has 6 weights of 2 bytes, and a span of 12, for each sample of the larger side of an axis.
    bytes += static_cast<std::uint64_t>(24 * (decoded.width + decoded.height + part.width + part.height));
    work = std::max(work, between);
  }
  // The file, and once more while its chunks are joined; noise takes some 4 bytes a pixel at quality 100.
  const auto pixels = static_cast<std::uint64_t>(placement.canvas.pixels());
  return bytes + work + pixels * (task.quality >= kFullChromaQuality ? 8 : 3);
}

JpegPicture PlanarWorker::open(std::string_view data) {
  picture_ = decoder_.open(data);
  return picture_;
}

void PlanarWorker::decode(const PlanarScale& scale, const std::function<bool()>& should_stop) {
  scale_ = scale;
  decoder_.decode(scale.luma, scale.chroma, decoded_, should_stop);
}

std::string PlanarWorker::render(const PlanarTask& task, const ForEachTask& for_each_task) {
  result_.count = picture_.count;
  result_.size = task.placement.canvas;
  result_.chroma = result_chroma(task);
  for (int i = 0; i < picture_.count; ++i) place_plane(i, task, for_each_task);
  return encoder_.encode(result_, task.quality);
}

void PlanarWorker::place_plane(int plane, const PlanarTask& task, const ForEachTask& for_each_task) {
  Plane& canvas = result_.planes[plane];
  const Subsampling sampling = result_.subsampling(plane);
  const PixelRect part = covered(task.placement, sampling);
  if (!task.placement.has_border()) return resample(plane, task, part, canvas, for_each_task);
  resample(plane, task, part, part_, for_each_task);
  canvas.reshape(divided(task.placement.canvas.width, sampling.horizontal),
                 divided(task.placement.canvas.height, sampling.vertical));
  put(part_, part, task.placement, sampling, ycc_of(task.background)[plane], canvas);
}

void PlanarWorker::resample(int plane, const PlanarTask& task, const PixelRect& part, Plane& out,
                            const ForEachTask& for_each_task) {
  const Placement& placement = task.placement;
  const Subsampling from = picture_.subsampling(plane);
  const Subsampling to = result_.subsampling(plane);
  const int eighths = plane == 0 ? scale_.luma : scale_.chroma;
  const bool swaps = swaps_sides(task);
  const Size upright = swaps ? Size{picture_.size.height, picture_.size.width} : picture_.size;
  // In the upright result, and which axis of the stored picture each of them is.
  Axis across{upright.width, placement.scaled.width, placement.crop.left, placement.left, to.horizontal};
  Axis down{upright.height, placement.scaled.height, placement.crop.top, placement.top, to.vertical};
  (swaps ? down : across).is_mirrored = mirrors_columns(task.orientation);
  (swaps ? across : down).is_mirrored = mirrors_rows(task.orientation);
  const Size decoded = picture_.plane_size(plane, eighths);
  const auto weights_of = [&](bool is_column, int in_size, int per_sample) {
    const bool is_across = is_column != swaps;
    const AxisMap map =
        map_of(is_across ? across : down, is_across ? part.left : part.top, eighths / (8.0 * per_sample));
    return weights_.get(map, in_size, is_across ? part.width : part.height, task.kernel);
  };
  const auto horizontal = weights_of(true, static_cast<int>(decoded.width), from.horizontal);
  const auto vertical = weights_of(false, static_cast<int>(decoded.height), from.vertical);
  resampler_.resample(decoded_[plane], *horizontal, *vertical, swaps, out, for_each_task);
}

std::size_t PlanarWorker::capacity() const {
  std::size_t bytes = resampler_.capacity() + part_.capacity();
  for (const Plane& plane : decoded_) bytes += plane.capacity();
  for (const Plane& plane : result_.planes) bytes += plane.capacity();
  return bytes;
}

void PlanarWorker::clear() {
  resampler_.clear();
  part_.clear();
  for (Plane& plane : decoded_) plane.clear();
  for (Plane& plane : result_.planes) plane.clear();
}

}  // namespace penstock::stages
