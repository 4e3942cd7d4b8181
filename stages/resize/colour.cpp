// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/colour.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace penstock {
namespace {

using stages::Colour;

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<Colour> parse_colour(std::string_view text) {
  if (text == "white") return Colour{};
  if (text == "black") return Colour{0, 0, 0, 255};
  if (text == "transparent") return Colour{0, 0, 0, 0};
  if (!text.starts_with('#') || (text.size() != 4 && text.size() != 7 && text.size() != 9)) return std::nullopt;
  const bool is_short = text.size() == 4;
  std::array<std::uint8_t, 4> parts{0, 0, 0, 255};
  std::size_t part = 0;
  for (std::size_t at = 1; at < text.size(); at += is_short ? 1 : 2) {
    const auto high = hex_digit(text[at]);
    const auto low = is_short ? high : hex_digit(text[at + 1]);
    if (!high || !low) return std::nullopt;
    parts[part++] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return Colour{parts[0], parts[1], parts[2], parts[3]};
}

}  // namespace

OptionType OptionCodec<Colour>::type() {
  return {.kind = OptionType::Kind::text, .hint = "a colour: `#rrggbb`, `#rrggbbaa`, `white`, `black`, `transparent`"};
}

Colour OptionCodec<Colour>::from(const OptionValue& value, const OptionContext&) {
  if (auto colour = parse_colour(value.get<std::string>())) return *colour;
  throw OptionError("option.value", "expected a colour, got \"" + value.get<std::string>() + "\"",
                    "write `#rrggbb`, `#rrggbbaa`, `#rgb`, `white`, `black` or `transparent`");
}

OptionValue OptionCodec<Colour>::to(const Colour& value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "#";
  for (std::uint8_t part : {value.red, value.green, value.blue, value.alpha}) {
    text += kDigits[part >> 4];
    text += kDigits[part & 15];
  }
  if (value.alpha == 255) text.resize(7);
  return text;
}

}  // namespace penstock
