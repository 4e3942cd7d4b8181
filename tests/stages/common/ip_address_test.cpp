// SPDX-License-Identifier: Apache-2.0
#include "stages/common/ip_address.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace penstock::stages {
namespace {

std::string_view range_of(const char* text) {
  const std::optional<IpAddress> address = IpAddress::parse(text);
  return address ? reserved_range(*address) : "(no address)";
}

TEST(ReservedRange, CoversEachRangeFromItsFirstToItsLastAddress) {
  const char* const kReserved[] = {"0.0.0.0",
                                   "0.255.255.255",
                                   "10.0.0.0",
                                   "10.255.255.255",
                                   "100.64.0.0",
                                   "100.127.255.255",
                                   "127.0.0.1",
                                   "127.255.255.255",
                                   "169.254.0.0",
                                   "169.254.169.254",
                                   "169.254.255.255",
                                   "172.16.0.0",
                                   "172.31.255.255",
                                   "192.0.0.0",
                                   "192.0.0.255",
                                   "192.0.2.1",
                                   "192.88.99.1",
                                   "192.168.0.0",
                                   "192.168.255.255",
                                   "198.18.0.0",
                                   "198.19.255.255",
                                   "198.51.100.7",
                                   "203.0.113.7",
                                   "224.0.0.0",
                                   "239.255.255.255",
                                   "240.0.0.0",
                                   "255.255.255.255",
                                   "::",
                                   "::1",
                                   "::7f00:1",
                                   "::8.8.8.8",
                                   "::ffff:127.0.0.1",
                                   "::ffff:10.0.0.1",
                                   "::ffff:169.254.169.254",
                                   "::ffff:0:127.0.0.1",
                                   "64:ff9b::7f00:1",
                                   "64:ff9b::808:808",
                                   "64:ff9b:1::1",
                                   "100::1",
                                   "2001::1",
                                   "2001:0:ffff::1",
                                   "2001:1ff:ffff::1",
                                   "2001:db8::1",
                                   "2002:7f00:1::1",
                                   "2002:808:808::1",
                                   "3fff:fff::1",
                                   "4000::1",
                                   "fc00::1",
                                   "fdff::1",
                                   "fe80::1",
                                   "febf::1",
                                   "fec0::1",
                                   "ff02::1",
                                   "ffff::1"};
  for (const char* address : kReserved) EXPECT_NE(range_of(address), "") << address;
}

TEST(ReservedRange, LeavesTheAddressesBesideTheRanges) {
  const char* const kPublic[] = {
      "1.0.0.0",     "9.255.255.255",   "11.0.0.0",    "100.63.255.255",  "100.128.0.0",  "126.255.255.255",
      "128.0.0.0",   "169.253.255.255", "169.255.0.0", "172.15.255.255",  "172.32.0.0",   "192.0.1.0",
      "192.0.3.0",   "192.167.255.255", "192.169.0.0", "198.17.255.255",  "198.20.0.0",   "198.51.99.1",
      "203.0.112.1", "223.255.255.255", "8.8.8.8",     "::ffff:8.8.8.8",  "2001:200::1",  "2001:4860:4860::8888",
      "2001:db7::1", "2001:db9::1",     "2003::1",     "2606:4700::1111", "3fff:1000::1", "3ffe::1"};
  for (const char* address : kPublic) EXPECT_EQ(range_of(address), "") << address;
}

TEST(IpAddress, ReadsLiteralsOnly) {
  EXPECT_EQ(IpAddress::parse("[2001:DB8::1]")->to_string(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("fe80::1%eth0")->to_string(), "fe80::1");
  for (const char* text :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4%x", "example.com", "0x7f.1", "[1::2", "::g"}) {
    EXPECT_EQ(IpAddress::parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace penstock::stages
