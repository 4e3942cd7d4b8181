// There is one filter, down the columns: no lane of a vector ever moves, whatever its width. For the rows the plane
// is transposed, which costs less than gathering neighbours of one row.
//
// A sample counts from -128 and is multiplied, as a 16-bit number with 8 bits of fraction, by a weight with 14 bits of
// fraction. The product keeps 7 of them, rounded (pmulhrsw, sqrdmulh), so that sums of up to 255 lie within 16 bits.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/resample.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/resize/resample.cpp"  // NOLINT(readability-identifier-naming): Highway's name
#include <hwy/foreach_target.h>
// After foreach_target.h, which makes it anew for each target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace penstock::stages {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kFractionBits = 7;  // Of a sum.

#if HWY_TARGET == HWY_SCALAR

// For machines without any vectors that we know: the same numbers, one by one.
void filter_row(const std::uint8_t* in, std::size_t in_stride, std::span<const std::int16_t> weights, std::size_t width,
                std::uint8_t* HWY_RESTRICT out) {
  for (std::size_t x = 0; x < width; ++x) {
    int sum = 0;
    const std::uint8_t* sample = in + x;
    for (const std::int16_t weight : weights) {
      sum = std::clamp(sum + (((*sample - 128) * 2 * weight + (1 << 7)) >> 8), -32768, 32767);
      sample += in_stride;
    }
    sum = std::min(sum + (1 << (kFractionBits - 1)), 32767) >> kFractionBits;
    out[x] = static_cast<std::uint8_t>(std::clamp(sum, -128, 127) + 128);
  }
}

void transpose_square(const std::uint8_t* in, std::size_t in_stride, std::uint8_t* out, std::size_t out_stride) {
  for (std::size_t y = 0; y < 16; ++y) {
    for (std::size_t x = 0; x < 16; ++x) out[y * out_stride + x] = in[x * in_stride + y];
  }
}

#else

// Sums of one vector of columns: rows of samples times weights. Even and odd columns are kept apart, in 16 bits each.
template <class Bytes, class Words = hn::Repartition<std::int16_t, Bytes>>
class ColumnSums {
 public:
  // Written out: GCC compiles an implicit one without the instructions of the target.
  ColumnSums() : even_(hn::Zero(Words())), odd_(hn::Zero(Words())) {}

  void add(const std::uint8_t* HWY_RESTRICT samples, hn::Vec<Words> weight) {
    const Bytes bytes;
    const Words words;
    const auto pairs = hn::BitCast(words, hn::Xor(hn::Load(bytes, samples), hn::Set(bytes, 0x80)));
    even_ = hn::SaturatedAdd(even_, hn::MulFixedPoint15(hn::ShiftLeft<8>(pairs), weight));
    odd_ = hn::SaturatedAdd(odd_, hn::MulFixedPoint15(hn::And(pairs, hn::Set(words, -256)), weight));
  }

  void store(std::uint8_t* HWY_RESTRICT out) const {
    const Bytes bytes;
    const Words words;
    const auto low = hn::And(rounded(even_), hn::Set(words, 255));
    const auto high = hn::ShiftLeft<8>(rounded(odd_));
    hn::Store(hn::Xor(hn::BitCast(bytes, hn::Or(low, high)), hn::Set(bytes, 0x80)), bytes, out);
  }

 private:
  static hn::Vec<Words> rounded(hn::Vec<Words> sum) {
    const Words words;
    const auto whole = hn::ShiftRight<kFractionBits>(hn::SaturatedAdd(sum, hn::Set(words, 1 << (kFractionBits - 1))));
    return hn::Min(hn::Max(whole, hn::Set(words, -128)), hn::Set(words, 127));
  }

  hn::Vec<Words> even_;
  hn::Vec<Words> odd_;
};

// One row of the result from `weights` and as many rows of the input.
void filter_row(const std::uint8_t* in, std::size_t in_stride, std::span<const std::int16_t> weights, std::size_t width,
                std::uint8_t* HWY_RESTRICT out) {
  using Bytes = hn::CappedTag<std::uint8_t, Plane::kAlignment>;
  using Words = hn::Repartition<std::int16_t, Bytes>;
  const std::size_t step = hn::Lanes(Bytes());
  std::size_t x = 0;
  for (; x + step < width; x += 2 * step) {
    ColumnSums<Bytes> a;
    ColumnSums<Bytes> b;
    const std::uint8_t* samples = in + x;
    for (const std::int16_t value : weights) {
      const auto weight = hn::Set(Words(), value);
      a.add(samples, weight);
      b.add(samples + step, weight);
      samples += in_stride;
    }
    a.store(out + x);
    b.store(out + x + step);
  }
  for (; x < width; x += step) {
    ColumnSums<Bytes> sums;
    const std::uint8_t* samples = in + x;
    for (const std::int16_t value : weights) {
      sums.add(samples, hn::Set(Words(), value));
      samples += in_stride;
    }
    sums.store(out + x);
  }
}

// A square of 16 x 16 samples. Numbering the samples with 4 bits for the row and 4 for the column, each round of
// interleaving rotates the 8 bits by one.
void transpose_square(const std::uint8_t* in, std::size_t in_stride, std::uint8_t* out, std::size_t out_stride) {
  const hn::FixedTag<std::uint8_t, 16> bytes;
  using Row = hn::Vec<decltype(bytes)>;
  Row a[16];
  Row b[16];
  for (int i = 0; i < 16; ++i) a[i] = hn::LoadU(bytes, in + static_cast<std::size_t>(i) * in_stride);
  const auto rotate = [&](const Row* HWY_RESTRICT from, Row* HWY_RESTRICT to) {
    for (std::size_t i = 0; i < 8; ++i) {
      to[2 * i] = hn::InterleaveLower(bytes, from[i], from[i + 8]);
      to[2 * i + 1] = hn::InterleaveUpper(bytes, from[i], from[i + 8]);
    }
  };
  rotate(a, b);
  rotate(b, a);
  rotate(a, b);
  rotate(b, a);
  for (int i = 0; i < 16; ++i) hn::StoreU(a[i], bytes, out + static_cast<std::size_t>(i) * out_stride);
}

#endif

// Rows [first, last) of the result.
void filter_rows(const std::uint8_t* in, std::size_t in_stride, const AxisWeights& weights, int first_input, int first,
                 int last, Plane& out) {
  for (int y = first; y < last; ++y) {
    filter_row(in + static_cast<std::size_t>(weights.first(y) - first_input) * in_stride, in_stride, weights.weights(y),
               static_cast<std::size_t>(out.width()), out.row(y));
  }
}

// Writes rows [first, last) of the transposed plane; `first` is a multiple of 16.
void transpose_rows(const std::uint8_t* in, std::size_t in_stride, int first, int last, Plane& out) {
  for (int y = first; y < last; y += 16) {
    for (int x = 0; x < out.width(); x += 16) {
      transpose_square(in + static_cast<std::size_t>(x) * in_stride + y, in_stride, out.row(y) + x, out.stride());
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace penstock::stages
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace penstock::stages {
namespace {

HWY_EXPORT(filter_rows);
HWY_EXPORT(transpose_rows);

// About 100 us of work for a task.
constexpr int kRowsPerTask = 64;  // A multiple of Plane::kRowMultiple.
// Below, starting other threads costs more than it gains.
constexpr std::size_t kParallelBytes = std::size_t{1} << 20;

// Runs `work(first, last)` over all rows of a plane.
template <class Work>
void over_rows(const Plane& plane, const ForEachTask& for_each_task, Work work) {
  const int height = plane.height();
  if (plane.stride() * static_cast<std::size_t>(height) < kParallelBytes) return work(0, height);
  for_each_task((height + kRowsPerTask - 1) / kRowsPerTask,
                [&](int task) { work(task * kRowsPerTask, std::min((task + 1) * kRowsPerTask, height)); });
}

void copy(const std::uint8_t* in, std::size_t in_stride, Plane& out) {
  for (int y = 0; y < out.height(); ++y) {
    std::memcpy(out.row(y), in + static_cast<std::size_t>(y) * in_stride, static_cast<std::size_t>(out.width()));
  }
}

}  // namespace

void Resampler::resample(const Plane& in, const AxisWeights& horizontal, const AxisWeights& vertical, bool transposed,
                         Plane& out, const ForEachTask& for_each_task) {
  const int width = horizontal.size();
  const int height = vertical.size();
  const auto filter = [&](const std::uint8_t* from, std::size_t stride, const AxisWeights& weights, int first_input,
                          Plane& to) {
    over_rows(to, for_each_task, [&](int first, int last) {
      HWY_DYNAMIC_DISPATCH(filter_rows)(from, stride, weights, first_input, first, last, to);
    });
  };
  const auto transpose = [&](const std::uint8_t* from, std::size_t stride, Plane& to) {
    over_rows(to, for_each_task, [&](int first, int last) {
      HWY_DYNAMIC_DISPATCH(transpose_rows)(from, stride, first, last, to);
    });
  };
  const bool keeps_rows = horizontal.is_identity() && !transposed;

  // Of the columns, those that count.
  const int left = keeps_rows ? 0 : horizontal.begin() / Plane::kAlignment * Plane::kAlignment;
  const std::uint8_t* narrow = in.row(0) + left;
  std::size_t stride = in.stride();
  if (keeps_rows) out.reshape(width, height);
  if (!vertical.is_identity()) {
    Plane& to = keeps_rows ? out : narrow_;
    if (!keeps_rows) narrow_.reshape(horizontal.end() - left, height);
    filter(narrow, stride, vertical, 0, to);
    narrow = to.row(0);
    stride = to.stride();
  } else if (keeps_rows) {
    copy(narrow, stride, out);
  }
  if (keeps_rows) return;

  if (transposed && horizontal.is_identity()) {
    out.reshape(height, width);
    transpose(narrow + (horizontal.begin() - left), stride, out);
    return;
  }
  turned_.reshape(height, horizontal.end() - left);
  transpose(narrow, stride, turned_);
  Plane& filtered = transposed ? out : filtered_;
  filtered.reshape(height, width);
  filter(turned_.row(0), turned_.stride(), horizontal, left, filtered);
  if (transposed) return;
  out.reshape(width, height);
  transpose(filtered.row(0), filtered.stride(), out);
}

std::size_t Resampler::bytes_for(std::int64_t columns, std::int64_t out_width, std::int64_t out_height) {
  const std::int64_t width = columns + Plane::kAlignment;
  return Plane::bytes_for(width, out_height) + Plane::bytes_for(out_height, width) +
         Plane::bytes_for(out_height, out_width);
}

void Resampler::clear() {
  narrow_.clear();
  turned_.clear();
  filtered_.clear();
}

}  // namespace penstock::stages

#endif  // HWY_ONCE
