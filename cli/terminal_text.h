// Text of strangers on a terminal: keys and messages may hold anything.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::cli {

/// `text` with everything that could steer a terminal written as an escape: control characters (`\n`, `\x1b`, the C1
/// range), the marks that turn the direction of writing, and bytes that are no UTF-8.
std::string escape_controls(std::string_view text);

/// The same for text of several lines: line feeds stay.
std::string escape_controls_in_lines(std::string_view text);

/// Columns that `text` takes, when each character takes one. REQUIRES: valid UTF-8.
std::size_t columns(std::string_view text);

/// The first `width` columns; the last becomes `…` when something was cut off. REQUIRES: valid UTF-8.
std::string fit(std::string_view text, std::size_t width);

/// `1234567` as "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace penstock::cli
