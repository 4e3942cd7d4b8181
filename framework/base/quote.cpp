// SPDX-License-Identifier: Apache-2.0
#include "framework/base/quote.h"

#include <cstddef>

#include "penstock/utf8.h"

namespace penstock {
namespace {

constexpr std::size_t kLongest = 80;

void append_hex(std::string& out, std::string_view prefix, unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out.append(prefix);
  out.push_back(kDigits[byte >> 4U]);
  out.push_back(kDigits[byte & 15U]);
}

void append_ascii(std::string& out, char c, char delimiter) {
  switch (c) {
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) {
    append_hex(out, "\\u00", byte);
  } else {
    if (c == delimiter || (c == '\\' && delimiter == '"')) out.push_back('\\');
    out.push_back(c);
  }
}

std::string enclose(std::string_view text, char delimiter) {
  std::string out(1, delimiter);
  for (std::size_t at = 0; at < text.size();) {
    if (at >= kLongest) {
      out.append("...");
      break;
    }
    const std::size_t size = utf8_character_size(text.substr(at));
    if (size == 1) {
      append_ascii(out, text[at], delimiter);
    } else if (size == 0) {
      append_hex(out, "\\x", static_cast<unsigned char>(text[at]));
    } else {
      out.append(text.substr(at, size));
    }
    at += size == 0 ? 1 : size;
  }
  out.push_back(delimiter);
  return out;
}

}  // namespace

std::string quote(std::string_view text) { return enclose(text, '"'); }

std::string quote_name(std::string_view name) { return enclose(name, '`'); }

std::string join_names(const std::vector<std::string>& names, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == limit) return out.append(", ... (" + std::to_string(names.size() - limit) + " more)");
    if (i != 0) out.append(", ");
    out.append(names[i]);
  }
  return out;
}

}  // namespace penstock
