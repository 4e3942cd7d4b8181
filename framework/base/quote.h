// How names and values appear in messages: always quoted, on one line, never endless.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// A value: `"as JSON writes it"`. Control characters and bytes that are no UTF-8 are escaped; what is longer than
/// about 80 bytes is cut and ends in `..."`.
std::string quote(std::string_view text);

/// A name that people write: `` `width` ``. Escaped and cut as in quote().
std::string quote_name(std::string_view name);

/// `a, b, c`; at most `limit` of them, then `... (12 more)`.
std::string join_names(const std::vector<std::string>& names, std::size_t limit = 40);

}  // namespace penstock
