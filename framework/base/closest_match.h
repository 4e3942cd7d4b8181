// Suggestions for misspelt names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// The candidate with the fewest edits (insert, delete, replace, swap of neighbours; case costs nothing) from `word`,
/// the first of equals; nothing when more than a third of the word would have to change.
std::optional<std::string> closest_match(std::string_view word, const std::vector<std::string>& candidates);

/// ``did you mean `width`?``, or nothing to say.
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace penstock
