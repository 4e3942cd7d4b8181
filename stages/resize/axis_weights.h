// What each sample of a result is made of, along one axis.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "stages/resize/kernel.h"

namespace penstock::stages {

/// Where the samples of a result lie on the axis of its input, on which sample k covers [k, k + 1): the middle of
/// sample i is at `start + i * step`. A negative step mirrors.
struct AxisMap {
  double start = 0.5;
  double step = 1;
  friend bool operator==(const AxisMap&, const AxisMap&) = default;
};

/// The weights of one axis. Immutable.
class AxisWeights {
 public:
  /// Weights are fixed-point numbers; those of a sample add up to exactly this.
  static constexpr int kOne = 1 << 14;

  /// `in_size`, `out_size`: samples along the axis, at least 1. What would lie beyond the input repeats its edge. A
  /// result with fewer samples than its input is filtered: the kernel is as wide as |step| samples of the input. A map
  /// that only moves or mirrors whole samples copies them, whatever the kernel.
  AxisWeights(const AxisMap& map, int in_size, int out_size, Kernel kernel);

  int size() const { return static_cast<int>(spans_.size()); }  ///< Samples of the result.
  /// Input sample of the first weight of sample i.
  int first(int i) const { return spans_[static_cast<std::size_t>(i)].first; }
  std::span<const std::int16_t> weights(int i) const {
    const Span& span = spans_[static_cast<std::size_t>(i)];
    return {weights_.data() + span.offset, span.count};
  }
  /// Input samples that count at all: [begin, end).
  int begin() const { return begin_; }
  int end() const { return end_; }
  /// True when each sample of the result is the input's sample of the same number.
  bool is_identity() const { return is_identity_; }

 private:
  struct Span {
    int first = 0;
    std::uint32_t offset = 0;
    std::uint32_t count = 0;
  };
  void add(int first, std::span<const double> values, int in_size);

  std::vector<Span> spans_;
  std::vector<std::int16_t> weights_;
  int begin_ = 0;
  int end_ = 0;
  bool is_identity_ = false;
};

/// The weights made last, for the next picture of the same size. Thread safety: none.
class AxisWeightsCache {
 public:
  std::shared_ptr<const AxisWeights> get(const AxisMap& map, int in_size, int out_size, Kernel kernel);

 private:
  struct Entry {
    AxisMap map;
    int in_size;
    int out_size;
    Kernel kernel;
    std::shared_ptr<const AxisWeights> weights;
  };
  std::list<Entry> entries_;  // The one used last is the first.
};

}  // namespace penstock::stages
