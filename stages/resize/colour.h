// The `background` option: a colour as people write it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "penstock/option_codec.h"

namespace penstock::stages {

/// sRGB with alpha, 0..255.
struct Colour {
  std::uint8_t red = 255;
  std::uint8_t green = 255;
  std::uint8_t blue = 255;
  std::uint8_t alpha = 255;
  bool is_grey() const { return red == green && green == blue; }
  friend bool operator==(const Colour&, const Colour&) = default;
};

}  // namespace penstock::stages

/// `#rgb`, `#rrggbb`, `#rrggbbaa`, `white`, `black` or `transparent`.
template <>
struct penstock::OptionCodec<penstock::stages::Colour> {
  static OptionType type();
  static stages::Colour from(const OptionValue& value, const OptionContext& context);
  static OptionValue to(const stages::Colour& value);
};
