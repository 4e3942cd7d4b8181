// Checks of UTF-8.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "penstock/export.h"

namespace penstock {

/// Bytes of the character that `text` starts with; 0 when it does not start with a well-formed one (The Unicode
/// Standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF) or is empty.
PENSTOCK_API std::size_t utf8_character_size(std::string_view text);

/// Offset of the first byte that belongs to no well-formed character; text.size() when all do.
PENSTOCK_API std::size_t find_invalid_utf8(std::string_view text);

/// Number of characters. REQUIRES: `text` is well-formed.
PENSTOCK_API std::size_t count_characters(std::string_view text);

}  // namespace penstock
