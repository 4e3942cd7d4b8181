// Minimum, maximum, sum, count and mean of numbers, exact as long as they are integers.
// SPDX-License-Identifier: Apache-2.0
#include "stages/fold/accumulator.h"

#include <cmath>
#include <limits>
#include <variant>

#include "stages/common/number_order.h"

namespace penstock::stages {

void Accumulator::add(const AttributeValue& number) {
  ++count_;
  if (!min_ || compare(number, *min_) == std::partial_ordering::less) min_ = number;
  if (!max_ || compare(number, *max_) == std::partial_ordering::greater) max_ = number;
  if (const auto* integer = std::get_if<std::int64_t>(&number)) {
    integers_ += *integer;
    return;
  }
  has_fractions_ = true;
  const double value = std::get<double>(number);
  const double next = sum_ + value;
  compensation_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
  sum_ = next;
}

std::optional<double> Accumulator::mean() const {
  if (count_ == 0) return std::nullopt;
  return (static_cast<double>(integers_) + fraction_sum()) / static_cast<double>(count_);
}

std::optional<nlohmann::json> Accumulator::sum() const {
  if (has_fractions_) return static_cast<double>(integers_) + fraction_sum();
  if (integers_ > std::numeric_limits<std::uint64_t>::max() || integers_ < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  if (integers_ >= 0) return static_cast<std::uint64_t>(integers_);
  return static_cast<std::int64_t>(integers_);
}

}  // namespace penstock::stages
