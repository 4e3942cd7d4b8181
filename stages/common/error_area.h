// Error codes that several stages raise, each in its own area: `download.connect`, `upload.connect`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "penstock/error.h"

namespace penstock::stages {

/// A text as a template argument.
template <std::size_t N>
struct Literal {
  char text[N] = {};
  consteval Literal(const char (&literal)[N]) { std::copy_n(literal, N, text); }  // NOLINT(google-explicit-constructor)
};

namespace detail {
template <Literal Area, Literal Reason>
inline constexpr auto kJoined = [] {
  std::array<char, sizeof(Area.text) + sizeof(Reason.text) - 2> joined = {};
  std::copy_n(Reason.text, sizeof(Reason.text) - 1, std::copy_n(Area.text, sizeof(Area.text) - 1, joined.begin()));
  return joined;
}();

template <Literal Area, Literal Reason>
constexpr ErrorCode joined_code(std::string_view text, Persistence persistence) {
  return {{kJoined<Area, Reason>.data(), kJoined<Area, Reason>.size()}, text, persistence};
}
}  // namespace detail

}  // namespace penstock::stages
