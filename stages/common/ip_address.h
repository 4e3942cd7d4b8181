// IP addresses, and which of them lie in the public internet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/export.h"

struct sockaddr;

namespace penstock::stages {

/// An IPv4 or IPv6 address, in network byte order; of an IPv4 address the first four bytes count.
struct PENSTOCK_API IpAddress {
  std::array<std::uint8_t, 16> bytes = {};
  bool is_v6 = false;

  /// `192.0.2.1`, `2001:db8::1`; brackets and a zone (`%eth0`) are accepted. Nothing when it is no literal address.
  static std::optional<IpAddress> parse(std::string_view text);
  /// Nothing for other address families.
  static std::optional<IpAddress> from(const sockaddr& address);

  /// As inet_ntop writes it, without brackets.
  std::string to_string() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Why the address does not lie in the public internet: the name of its range, e.g. "loopback (127.0.0.0/8)". Empty
/// for a global unicast address. An IPv4 address inside an IPv6 one (mapped) counts as that IPv4 address; ranges that
/// lead to IPv4 through a translator or tunnel (6to4, Teredo, NAT64) are refused as a whole, since what they reach
/// is not known here. Sources: IANA special-purpose address registries for IPv4 and IPv6, RFC 6890.
PENSTOCK_API std::string_view reserved_range(const IpAddress& address);

}  // namespace penstock::stages
