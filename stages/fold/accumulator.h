// Minimum, maximum, sum, count and mean of numbers, exact as long as they are integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "penstock/attributes.h"

namespace penstock::stages {

/// Sums of integers are exact: 2^64 of 64 bits each fit into 128. Sums of other numbers are compensated (Neumaier,
/// "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974), so that a small addend beside a
/// large sum is not lost. Thread safety: as an int.
class Accumulator {
 public:
  /// REQUIRES: `number` is an integer or a finite double.
  void add(const AttributeValue& number);

  std::uint64_t count() const { return count_; }
  // Nothing while nothing was added.
  std::optional<AttributeValue> min() const { return min_; }
  std::optional<AttributeValue> max() const { return max_; }
  std::optional<double> mean() const;
  /// 0 for no numbers. Nothing when an integer of 64 bits cannot hold it.
  std::optional<nlohmann::json> sum() const;

 private:
  __extension__ using Wide = __int128;
  double fraction_sum() const { return sum_ + compensation_; }

  std::uint64_t count_ = 0;
  std::optional<AttributeValue> min_;
  std::optional<AttributeValue> max_;
  Wide integers_ = 0;
  bool has_fractions_ = false;
  double sum_ = 0;  // Of the others.
  double compensation_ = 0;
};

}  // namespace penstock::stages
