// SPDX-License-Identifier: Apache-2.0
#include "framework/base/json_pointer.h"

#include <cstddef>
#include <utility>

namespace penstock {
namespace {

std::optional<std::string> unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out.push_back(token[i]);
      continue;
    }
    ++i;
    if (i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
    out.push_back(token[i] == '0' ? '~' : '/');
  }
  return out;
}

}  // namespace

std::string append_pointer(std::string pointer, std::string_view token) {
  pointer.push_back('/');
  for (const char c : token) {
    if (c == '~') {
      pointer.append("~0");
    } else if (c == '/') {
      pointer.append("~1");
    } else {
      pointer.push_back(c);
    }
  }
  return pointer;
}

std::optional<std::vector<std::string>> split_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::nullopt;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    std::optional<std::string> plain = unescape(token);
    if (!plain) return std::nullopt;
    tokens.push_back(std::move(*plain));
    pointer.remove_prefix(token.size());
  }
  return tokens;
}

}  // namespace penstock
