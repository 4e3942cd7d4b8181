// Percent-encoding of URLs (RFC 3986, section 2.1).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace penstock::stages {

/// Every byte but letters, digits, `-`, `.`, `_`, `~` and those in `kept` as `%XX`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// The bytes that `text` stands for; a `%` that no two hex digits follow stays as it is. May hold any byte, NUL and
/// `/` too.
std::string percent_decoded(std::string_view text);

}  // namespace penstock::stages
