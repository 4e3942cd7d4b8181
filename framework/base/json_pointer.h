// JSON pointers (RFC 6901).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// `pointer` with one more reference token: `~` and `/` in it are escaped.
std::string append_pointer(std::string pointer, std::string_view token);

/// The reference tokens, unescaped; nothing when the text is no JSON pointer.
std::optional<std::vector<std::string>> split_pointer(std::string_view pointer);

}  // namespace penstock
