// The order of attribute values: numbers by value, without rounding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "penstock/attributes.h"

namespace penstock::stages {

/// Exact, also where the integer has no double of its own. Unordered when `right` is NaN.
std::partial_ordering compare(std::int64_t left, double right);

/// Values of different types are unordered, except that numbers compare with numbers, and that text which is a number
/// as JSON writes it compares as one with a number on the right.
std::partial_ordering compare(const AttributeValue& left, const AttributeValue& right);

}  // namespace penstock::stages
