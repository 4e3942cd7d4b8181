// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/axis_weights.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace penstock::stages {
namespace {

// Both axes of luma and of chroma, for a few sizes.
constexpr std::size_t kCached = 16;
// Larger ones are made again: they take less time than their picture.
constexpr int kLargestCached = 4096;

// A kernel, tabulated: interpolating takes a tenth of the time of two sines, and pictures of a size not seen before are
// the rule. The error is below 1e-5, a sixth of the last place of a weight.
class KernelTable {
 public:
  explicit KernelTable(Kernel kernel) : radius_(kernel_radius(kernel)) {
    values_.reserve(static_cast<std::size_t>(radius_ * kSteps) + 2);
    for (int i = 0; i <= radius_ * kSteps + 1; ++i) {
      values_.push_back(kernel_value(kernel, static_cast<double>(i) / kSteps));
    }
  }
  double at(double x) const {
    const double place = std::abs(x) * kSteps;
    const auto index = static_cast<std::size_t>(place);
    if (index + 1 >= values_.size()) return 0;
    const double part = place - static_cast<double>(index);
    return values_[index] + part * (values_[index + 1] - values_[index]);
  }

 private:
  static constexpr int kSteps = 1024;  // Per sample.
  int radius_;
  std::vector<double> values_;
};

const KernelTable& table_of(Kernel kernel) {
  static const std::array<KernelTable, 6> tables{KernelTable(Kernel::nearest),  KernelTable(Kernel::linear),
                                                 KernelTable(Kernel::cubic),    KernelTable(Kernel::mitchell),
                                                 KernelTable(Kernel::lanczos2), KernelTable(Kernel::lanczos3)};
  return tables[static_cast<std::size_t>(kernel)];
}

// True when samples of the result lie on samples of the input: there is nothing to filter, not even with a kernel that
// blurs.
bool only_moves(const AxisMap& map) {
  return std::abs(map.step) == 1 && map.start - 0.5 == std::floor(map.start - 0.5);
}

}  // namespace

AxisWeights::AxisWeights(const AxisMap& map, int in_size, int out_size, Kernel kernel) {
  if (only_moves(map)) kernel = Kernel::nearest;
  spans_.reserve(static_cast<std::size_t>(out_size));
  const double width = std::max(1.0, std::abs(map.step));  // Of one sample of the kernel, in samples of the input.
  const double reach = kernel_radius(kernel) * width;
  weights_.reserve(static_cast<std::size_t>(out_size) * (static_cast<std::size_t>(2 * reach) + 2));
  const KernelTable& table = table_of(kernel);
  std::vector<double> values;
  for (int i = 0; i < out_size; ++i) {
    const double middle = map.start + i * map.step;
    if (reach == 0) {
      values.assign(1, 1.0);
      add(static_cast<int>(std::floor(middle)), values, in_size);
      continue;
    }
    // Sample k lies at k + 0.5.
    const int first = static_cast<int>(std::ceil(middle - reach - 0.5));
    const int last = static_cast<int>(std::floor(middle + reach - 0.5));
    values.clear();
    for (int k = first; k <= last; ++k) values.push_back(table.at((k + 0.5 - middle) / width));
    add(first, values, in_size);
  }
  begin_ = in_size;
  is_identity_ = true;
  for (int i = 0; i < out_size; ++i) {
    const Span& span = spans_[static_cast<std::size_t>(i)];
    begin_ = std::min(begin_, span.first);
    end_ = std::max(end_, span.first + static_cast<int>(span.count));
    is_identity_ &= span.first == i && span.count == 1;
  }
}

// Appends the weights of one sample: within the input, rounded, adding up to kOne, without zeros at the ends.
void AxisWeights::add(int first, std::span<const double> values, int in_size) {
  const int last = first + static_cast<int>(values.size()) - 1;
  const int from = std::clamp(first, 0, in_size - 1);
  const int to = std::clamp(last, 0, in_size - 1);
  std::vector<std::int16_t>::size_type offset = weights_.size();
  double sum = 0;
  for (const double value : values) sum += value;
  // The rounding error of each weight goes on to the next one, so that a flat area stays flat without a bias.
  double error = 0;
  double folded = 0;
  for (int k = first; k <= last; ++k) {
    folded += values[static_cast<std::size_t>(k - first)];
    const bool is_beyond_edge = (k < from && k < last) || (k >= to && k < last);
    if (is_beyond_edge) continue;
    const double exact = folded / sum * kOne + error;
    const double rounded = std::round(exact);
    error = exact - rounded;
    folded = 0;
    weights_.push_back(static_cast<std::int16_t>(rounded));
  }
  std::size_t count = weights_.size() - offset;
  int start = from;
  while (count > 1 && weights_.back() == 0) {
    weights_.pop_back();
    --count;
  }
  std::size_t zeros = 0;
  while (zeros + 1 < count && weights_[offset + zeros] == 0) ++zeros;
  offset += zeros;
  start += static_cast<int>(zeros);
  count -= zeros;
  spans_.push_back({start, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(count)});
}

std::shared_ptr<const AxisWeights> AxisWeightsCache::get(const AxisMap& map, int in_size, int out_size, Kernel kernel) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.map == map && entry.in_size == in_size && entry.out_size == out_size && entry.kernel == kernel;
  });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return entries_.front().weights;
  }
  auto weights = std::make_shared<const AxisWeights>(map, in_size, out_size, kernel);
  if (in_size > kLargestCached || out_size > kLargestCached) return weights;
  if (entries_.size() == kCached) entries_.pop_back();
  entries_.push_front({map, in_size, out_size, kernel, weights});
  return weights;
}

}  // namespace penstock::stages
