// The value of one option after its JSON was checked: what stage declarations convert from and to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "penstock/units.h"

namespace penstock {

class OptionValue;
using OptionList = std::vector<OptionValue>;
/// In the order of the file.
using OptionMap = std::vector<std::pair<std::string, OptionValue>>;

/// A JSON value whose durations and sizes have been read already. Absent (std::monostate) stands for a missing key
/// and for JSON's null.
class OptionValue {
 public:
  using Variant =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, Duration, ByteSize, OptionList, OptionMap>;

  OptionValue() = default;
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, OptionValue> && std::is_constructible_v<Variant, T>)
  OptionValue(T&& value) : value_(std::forward<T>(value)) {}  // NOLINT(google-explicit-constructor): a value is a value

  bool is_absent() const { return value_.index() == 0; }
  template <class T>
  bool holds() const {
    return std::holds_alternative<T>(value_);
  }
  /// REQUIRES: holds<T>().
  template <class T>
  const T& get() const {
    return std::get<T>(value_);
  }
  const Variant& variant() const { return value_; }

  friend bool operator==(const OptionValue&, const OptionValue&) = default;

 private:
  Variant value_;
};

}  // namespace penstock
