// An option with the folder that relative paths in it count from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "penstock/option_codec.h"

namespace penstock::stages {

/// For options whose paths are known only with an item, such as templates. `base` is filled when the option is read
/// from a configuration: an option that is left out has none.
template <class T>
struct Located {
  T value;
  std::string base;  ///< The configuration's folder.
};

}  // namespace penstock::stages

namespace penstock {

template <class T>
struct OptionCodec<stages::Located<T>> {
  static OptionType type() { return OptionCodec<T>::type(); }
  static stages::Located<T> from(const OptionValue& value, const OptionContext& context) {
    return {OptionCodec<T>::from(value, context), context.base};
  }
  static OptionValue to(const stages::Located<T>& located) { return OptionCodec<T>::to(located.value); }
  static std::vector<std::string> used_attributes(const stages::Located<T>& located)
    requires requires(const T& t) { OptionCodec<T>::used_attributes(t); }
  {
    return OptionCodec<T>::used_attributes(located.value);
  }
};

}  // namespace penstock
