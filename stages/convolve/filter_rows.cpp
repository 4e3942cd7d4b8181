// Rows are widened to floats once, with the edges on both sides, and the last few of them kept. Every sum is made in
// registers: a vector of neighbouring samples, weight after weight, no matter how many bands there are, for the same
// band of the next pixel is `bands` samples away.
// SPDX-License-Identifier: Apache-2.0
#include "stages/convolve/filter_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/convolve/filter_rows.cpp"  // NOLINT(readability-identifier-naming): Highway's name
#include <hwy/foreach_target.h>
// After foreach_target.h, which makes it anew for each target.
#include <hwy/highway.h>

#ifndef PENSTOCK_CONVOLVE_SLACK
#define PENSTOCK_CONVOLVE_SLACK
namespace penstock::stages {
/// Floats beyond the end of a row that may be read and written: the widest vectors, four at a time.
inline constexpr std::size_t kSlack = 512;
}  // namespace penstock::stages
#endif

HWY_BEFORE_NAMESPACE();
namespace penstock::stages {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Calls store(i, sums) for samples i of a row: the rows of `inputs`, weighed.
template <class Store>
void sum_up(const float* const* inputs, std::size_t rows, const float* HWY_RESTRICT weights, std::size_t columns,
            std::size_t bands, std::size_t samples, float offset, Store store) {
  const hn::ScalableTag<float> floats;
  const std::size_t lanes = hn::Lanes(floats);
  for (std::size_t i = 0; i < samples; i += 4 * lanes) {
    auto sum0 = hn::Set(floats, offset);
    auto sum1 = sum0;
    auto sum2 = sum0;
    auto sum3 = sum0;
    const float* weight = weights;
    for (std::size_t y = 0; y < rows; ++y) {
      const float* in = inputs[y] + i;
      for (std::size_t x = 0; x < columns; ++x, in += bands) {
        const auto w = hn::Set(floats, *weight++);
        sum0 = hn::MulAdd(w, hn::LoadU(floats, in), sum0);
        sum1 = hn::MulAdd(w, hn::LoadU(floats, in + lanes), sum1);
        sum2 = hn::MulAdd(w, hn::LoadU(floats, in + 2 * lanes), sum2);
        sum3 = hn::MulAdd(w, hn::LoadU(floats, in + 3 * lanes), sum3);
      }
    }
    store(i, sum0);
    store(i + lanes, sum1);
    store(i + 2 * lanes, sum2);
    store(i + 3 * lanes, sum3);
  }
}

void sum_to_floats(const float* input, const float* weights, std::size_t columns, std::size_t bands,
                   std::size_t samples, float* out) {
  const hn::ScalableTag<float> floats;
  sum_up(&input, 1, weights, columns, bands, samples, 0.0F,
         [&](std::size_t i, auto sum) { hn::StoreU(sum, floats, out + i); });
}

void sum_to_bytes(const float* const* inputs, std::size_t rows, const float* weights, std::size_t columns,
                  std::size_t bands, std::size_t samples, float offset, std::uint8_t* out) {
  const hn::ScalableTag<float> floats;
  const hn::Rebind<std::uint8_t, decltype(floats)> bytes;
  sum_up(inputs, rows, weights, columns, bands, samples, offset, [&](std::size_t i, auto sum) {
    // Saturates at both ends; no sum of 961 weights of any size that a file can hold leaves what 32 bits hold, but one
    // of a hostile kernel may.
    const auto bounded = hn::Min(hn::Max(sum, hn::Zero(floats)), hn::Set(floats, 255.0F));
    hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(bounded)), bytes, out + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace penstock::stages
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace penstock::stages {
namespace {

HWY_EXPORT(sum_to_floats);
HWY_EXPORT(sum_to_bytes);

/// The last rows of the picture, widened and, where the kernel separates, weighed along the row.
class Window {
 public:
  Window(const Raster& in, const KernelMatrix& kernel)
      : in_(in),
        kernel_(kernel),
        bands_(static_cast<std::size_t>(in.bands)),
        radius_(static_cast<std::size_t>(kernel.width() / 2)),
        widened_(in.row_samples() + 2 * radius_ * bands_ + kSlack),
        rows_(static_cast<std::size_t>(kernel.height())),
        held_(rows_.size(), -1) {
    for (auto& row : rows_) row.resize(widened_.size());
  }

  /// Row `y` of the picture, or the nearest that there is.
  const float* row(int y) {
    const int inside = std::clamp(y, 0, in_.height - 1);
    const std::size_t slot = static_cast<std::size_t>(inside) % rows_.size();
    if (held_[slot] != inside) {
      fill(inside, rows_[slot]);
      held_[slot] = inside;
    }
    return rows_[slot].data();
  }

 private:
  void fill(int y, std::vector<float>& row) {
    const auto& separated = kernel_.separated();
    widen(in_.row(y), separated ? widened_ : row);
    if (!separated) return;
    HWY_DYNAMIC_DISPATCH(sum_to_floats)
    (widened_.data(), separated->row.data(), separated->row.size(), bands_, in_.row_samples(), row.data());
  }

  void widen(const std::uint8_t* samples, std::vector<float>& row) const {
    const std::size_t count = in_.row_samples();
    const std::size_t border = radius_ * bands_;
    for (std::size_t i = 0; i < border; ++i) {
      row[i] = samples[i % bands_];
      row[border + count + i] = samples[count - bands_ + i % bands_];
    }
    for (std::size_t i = 0; i < count; ++i) row[border + i] = samples[i];
  }

  const Raster& in_;
  const KernelMatrix& kernel_;
  const std::size_t bands_;
  const std::size_t radius_;
  std::vector<float> widened_;
  std::vector<std::vector<float>> rows_;
  std::vector<int> held_;  ///< Which row each of them is.
};

}  // namespace

void filter_rows(const Raster& in, const KernelMatrix& kernel, int first, int last, Raster& out) {
  Window window(in, kernel);
  const auto& separated = kernel.separated();
  const std::vector<float>& weights = separated ? separated->column : kernel.weights();
  const std::size_t columns = separated ? 1 : static_cast<std::size_t>(kernel.width());
  std::vector<const float*> inputs(static_cast<std::size_t>(kernel.height()));
  // Vectors are written whole, beyond the end of a row: not where another thread writes the next.
  std::vector<std::uint8_t> line(in.row_samples() + kSlack);
  for (int y = first; y < last; ++y) {
    for (int k = 0; k < kernel.height(); ++k)
      inputs[static_cast<std::size_t>(k)] = window.row(y + k - kernel.height() / 2);
    HWY_DYNAMIC_DISPATCH(sum_to_bytes)
    (inputs.data(), inputs.size(), weights.data(), columns, static_cast<std::size_t>(in.bands), in.row_samples(),
     kernel.offset(), line.data());
    std::memcpy(out.row(y), line.data(), in.row_samples());
  }
}

}  // namespace penstock::stages

#endif  // HWY_ONCE
