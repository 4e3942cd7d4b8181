// IP addresses, and which of them lie in the public internet.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace penstock::stages {
namespace {

struct Range {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
  std::string_view name;
};

constexpr Range kReservedV4[] = {
    {{0}, 8, "unspecified (0.0.0.0/8)"},
    {{10}, 8, "private (10.0.0.0/8)"},
    {{100, 64}, 10, "shared by carriers (100.64.0.0/10)"},
    {{127}, 8, "loopback (127.0.0.0/8)"},
    {{169, 254}, 16, "link-local (169.254.0.0/16)"},
    {{172, 16}, 12, "private (172.16.0.0/12)"},
    {{192, 0, 0}, 24, "protocol assignments (192.0.0.0/24)"},
    {{192, 0, 2}, 24, "documentation (192.0.2.0/24)"},
    {{192, 88, 99}, 24, "6to4 relays (192.88.99.0/24)"},
    {{192, 168}, 16, "private (192.168.0.0/16)"},
    {{198, 18}, 15, "benchmarking (198.18.0.0/15)"},
    {{198, 51, 100}, 24, "documentation (198.51.100.0/24)"},
    {{203, 0, 113}, 24, "documentation (203.0.113.0/24)"},
    {{224}, 4, "multicast (224.0.0.0/4)"},
    {{240}, 4, "reserved (240.0.0.0/4)"},
};

constexpr Range kReservedV6[] = {
    {{0x20, 0x01, 0x00}, 23, "protocol assignments and Teredo (2001::/23)"},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation (2001:db8::/32)"},
    {{0x20, 0x02}, 16, "6to4 (2002::/16)"},
    {{0x3f, 0xff}, 20, "documentation (3fff::/20)"},
};

// Named for the messages; everything outside 2000::/3 is refused anyway.
constexpr Range kOutsideGlobalV6[] = {
    {{}, 128, "unspecified (::)"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, "loopback (::1)"},
    {{}, 96, "IPv4-compatible (::/96)"},
    {{0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, 96, "NAT64 (64:ff9b::/96)"},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "local NAT64 (64:ff9b:1::/48)"},
    {{0x01, 0x00}, 64, "discard (100::/64)"},
    {{0xfc}, 7, "private (fc00::/7)"},
    {{0xfe, 0x80}, 10, "link-local (fe80::/10)"},
    {{0xfe, 0xc0}, 10, "site-local (fec0::/10)"},
    {{0xff}, 8, "multicast (ff00::/8)"},
};

constexpr Range kMappedV4{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, "IPv4-mapped"};
constexpr Range kGlobalV6{{0x20}, 3, "global unicast"};

bool lies_in(const IpAddress& address, const Range& range) {
  const unsigned whole = range.bits / 8;
  if (!std::equal(range.prefix.begin(), range.prefix.begin() + whole, address.bytes.begin())) return false;
  const unsigned rest = range.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (address.bytes[whole] & mask) == (range.prefix[whole] & mask);
}

template <std::size_t N>
std::string_view find_range(const IpAddress& address, const Range (&ranges)[N]) {
  for (const Range& range : ranges) {
    if (lies_in(address, range)) return range.name;
  }
  return {};
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string plain(text.substr(0, text.find('%')));
  IpAddress address;
  if (inet_pton(AF_INET, plain.c_str(), address.bytes.data()) == 1 && plain.size() == text.size()) return address;
  address.is_v6 = true;
  if (inet_pton(AF_INET6, plain.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from(const sockaddr& address) {
  IpAddress result;
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(result.bytes.data(), &v4.sin_addr, 4);
    return result;
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(result.bytes.data(), &v6.sin6_addr, 16);
    result.is_v6 = true;
    return result;
  }
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

std::string_view reserved_range(const IpAddress& address) {
  if (!address.is_v6) return find_range(address, kReservedV4);
  if (lies_in(address, kMappedV4)) {
    IpAddress inner;
    std::copy_n(address.bytes.begin() + 12, 4, inner.bytes.begin());
    return find_range(inner, kReservedV4);
  }
  if (!lies_in(address, kGlobalV6)) {
    const std::string_view name = find_range(address, kOutsideGlobalV6);
    return name.empty() ? "not global unicast (outside 2000::/3)" : name;
  }
  return find_range(address, kReservedV6);
}

}  // namespace penstock::stages
