// HTTP URLs, parsed the way curl will read them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/export.h"
#include "stages/common/ip_address.h"

namespace penstock::stages {

/// A URL of any scheme in a normal form: host lower-case, in Punycode, without trailing dot; numeric IPv4 forms
/// (`0x7f.1`, `2130706433`) as dotted quads; spaces and non-ASCII bytes percent-encoded; no fragment.
struct PENSTOCK_API HttpUrl {
  std::string text;                  ///< All of it, user name and password included.
  std::string public_text;           ///< The same without them, for reports.
  std::string scheme;                ///< Lower case.
  std::string host;                  ///< Without brackets.
  std::string port;                  ///< The scheme's own when the URL has none.
  std::optional<IpAddress> address;  ///< When the host is a literal address.

  /// Throws std::invalid_argument that says what is wrong.
  static HttpUrl parse(const std::string& text);

  bool is_http() const { return scheme == "http" || scheme == "https"; }
  bool has_origin_of(const HttpUrl& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

/// The scheme in lower case, empty when the text does not start with one.
PENSTOCK_API std::string scheme_of(std::string_view url);

}  // namespace penstock::stages
