// Checks of UTF-8.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock::stages {

/// Bytes of the character that `text` starts with; 0 when it does not start with a valid one (overlong forms,
/// surrogates and values above U+10FFFF are invalid) or is empty.
std::size_t utf8_length(std::string_view text);

/// Offset of the first byte that does not belong to a valid character; text.size() when all do.
std::size_t first_invalid_utf8(std::string_view text);

}  // namespace penstock::stages
