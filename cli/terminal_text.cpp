// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace penstock::cli {
namespace {

struct Character {
  std::size_t length = 0;  // 0: no UTF-8.
  std::uint32_t code = 0;
};

/// The character at the front of `text`; overlong forms, surrogates and numbers above U+10FFFF are no UTF-8.
Character front(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80U) return {1, first};
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U || text.size() < length) return {};
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFFU || (code >= 0xD800U && code <= 0xDFFFU)) return {};
  return {length, code};
}

bool is_harmful(std::uint32_t code) {
  const bool is_control = code < 0x20U || (code >= 0x7FU && code < 0xA0U);
  const bool turns_direction = (code >= 0x202AU && code <= 0x202EU) || (code >= 0x2066U && code <= 0x2069U) ||
                               code == 0x200EU || code == 0x200FU || code == 0x061CU;
  const bool ends_line = code == 0x2028U || code == 0x2029U;
  return is_control || turns_direction || ends_line;
}

void append_escape(std::string& out, const char* format, std::uint32_t value) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, value);
  out += buffer.data();
}

std::string escape(std::string_view text, bool keeps_line_feeds) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = front(text);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (character.length == 0) {
      append_escape(out, "\\x%02x", static_cast<unsigned char>(text.front()));
    } else if (character.code == '\n') {
      out += keeps_line_feeds ? "\n" : "\\n";
    } else if (character.code == '\t' && keeps_line_feeds) {
      out += '\t';
    } else if (is_harmful(character.code)) {
      append_escape(out, character.code < 0x100U ? "\\x%02x" : "\\u%04x", character.code);
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::string escape_controls(std::string_view text) { return escape(text, false); }

std::string escape_controls_in_lines(std::string_view text) { return escape(text, true); }

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string fit(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t column = 0; end < text.size(); ++end) {
    if (starts_character(text[end]) && column++ == width - 1) break;
  }
  return std::string(text.substr(0, end)) + "\u2026";
}

std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace penstock::cli
