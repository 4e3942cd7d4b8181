// SPDX-License-Identifier: Apache-2.0
#include "penstock/units.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::uint64_t>::max();

TEST(ParseDuration, ReadsEachUnit) {
  EXPECT_EQ(parse_duration("7 ns"), 7ns);
  EXPECT_EQ(parse_duration("7 us"), 7us);
  EXPECT_EQ(parse_duration("250 ms"), 250ms);
  EXPECT_EQ(parse_duration("15 s"), 15s);
  EXPECT_EQ(parse_duration("2 min"), 2min);
  EXPECT_EQ(parse_duration("1 h"), 1h);
  EXPECT_EQ(parse_duration("3 d"), 72h);
}

TEST(ParseDuration, ReadsFractionsExactly) {
  EXPECT_EQ(parse_duration("1.5 s"), 1500ms);
  EXPECT_EQ(parse_duration("0.1 s"), 100ms);
  EXPECT_EQ(parse_duration("0.000000001 s"), 1ns);
  EXPECT_EQ(parse_duration("4.35 us"), 4350ns);
  EXPECT_EQ(parse_duration("9007199254.740993 s"), 9007199254740993us);
  EXPECT_EQ(parse_duration("1.50000000000000000000000000000000000000000000000000 s"), 1500ms);
}

TEST(ParseDuration, RefusesWhatIsNoWholeNumberOfNanoseconds) {
  EXPECT_EQ(parse_duration("0.5 ns"), std::nullopt);
  EXPECT_EQ(parse_duration("1.0000000001 s"), std::nullopt);
  EXPECT_EQ(parse_duration("0.33333333333333333 d"), std::nullopt);
}

TEST(ParseDuration, TakesAnyNumberOfSpacesBeforeTheUnit) {
  EXPECT_EQ(parse_duration("15s"), 15s);
  EXPECT_EQ(parse_duration("15   s"), 15s);
}

TEST(ParseDuration, TakesZeroAndLeadingZeros) {
  EXPECT_EQ(parse_duration("0 s"), 0s);
  EXPECT_EQ(parse_duration("0.0 d"), 0s);
  EXPECT_EQ(parse_duration("000000000000000000000000000007 s"), 7s);
}

TEST(ParseDuration, RefusesNegativeAndSignedNumbers) {
  EXPECT_EQ(parse_duration("-1 s"), std::nullopt);
  EXPECT_EQ(parse_duration("-0 s"), std::nullopt);
  EXPECT_EQ(parse_duration("+1 s"), std::nullopt);
}

TEST(ParseDuration, RefusesANumberWithoutUnit) {
  EXPECT_EQ(parse_duration("15"), std::nullopt);
  EXPECT_EQ(parse_duration("15 "), std::nullopt);
  EXPECT_EQ(parse_duration("0"), std::nullopt);
}

TEST(ParseDuration, RefusesUnknownUnits) {
  EXPECT_EQ(parse_duration("1 S"), std::nullopt);
  EXPECT_EQ(parse_duration("1 sec"), std::nullopt);
  EXPECT_EQ(parse_duration("1 m"), std::nullopt);
  EXPECT_EQ(parse_duration("1 B"), std::nullopt);
}

TEST(ParseDuration, RefusesWhatIsNoNumber) {
  for (const char* text : {"", " ", "s", " 1 s", "1 s ", ".5 s", "5. s", "1.2.3 s", "1e3 s", "0x1 s", "1,5 s", "1\ts",
                           "1 000 s", "1 s 5 ms", "inf s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << '"' << text << '"';
  }
  EXPECT_EQ(parse_duration(std::string_view("1 s\0", 4)), std::nullopt);
}

TEST(ParseDuration, ReadsUpToTheLargestDurationAndNoFurther) {
  EXPECT_EQ(parse_duration("9223372036854775807 ns"), Duration::max());
  EXPECT_EQ(parse_duration("9223372036.854775807 s"), Duration::max());
  EXPECT_EQ(parse_duration("9223372036854775808 ns"), std::nullopt);
  EXPECT_EQ(parse_duration("9223372036.854775808 s"), std::nullopt);
  EXPECT_EQ(parse_duration("18446744073709551616 ns"), std::nullopt);
  EXPECT_EQ(parse_duration("18446744073709551615 d"), std::nullopt);
  EXPECT_EQ(parse_duration("213504 d"), std::nullopt);
  EXPECT_EQ(parse_duration("106751 d"), 24h * 106'751);
}

TEST(ParseByteSize, ReadsEachUnit) {
  EXPECT_EQ(parse_byte_size("4096 B"), ByteSize{4'096});
  EXPECT_EQ(parse_byte_size("3 kB"), ByteSize{3'000});
  EXPECT_EQ(parse_byte_size("10 MB"), ByteSize{10'000'000});
  EXPECT_EQ(parse_byte_size("1 GB"), ByteSize{1'000'000'000});
  EXPECT_EQ(parse_byte_size("1 TB"), ByteSize{1'000'000'000'000});
  EXPECT_EQ(parse_byte_size("1 KiB"), ByteSize{1ULL << 10U});
  EXPECT_EQ(parse_byte_size("512 MiB"), ByteSize{512ULL << 20U});
  EXPECT_EQ(parse_byte_size("1 GiB"), ByteSize{1ULL << 30U});
  EXPECT_EQ(parse_byte_size("1 TiB"), ByteSize{1ULL << 40U});
}

TEST(ParseByteSize, ReadsFractionsExactly) {
  EXPECT_EQ(parse_byte_size("1.5 KiB"), ByteSize{1'536});
  EXPECT_EQ(parse_byte_size("0.0009765625 KiB"), ByteSize{1});
  EXPECT_EQ(parse_byte_size("0.0000000000009094947017729282379150390625 TiB"), ByteSize{1});
  EXPECT_EQ(parse_byte_size("0.1 KiB"), std::nullopt);
  EXPECT_EQ(parse_byte_size("0.5 B"), std::nullopt);
}

TEST(ParseByteSize, RefusesOtherSpellingsAndUnits) {
  for (const char* text : {"", "1", "1 b", "1 KB", "1 kiB", "1 mb", "1 Mi", "1 PiB", "-1 B", "1 s"}) {
    EXPECT_EQ(parse_byte_size(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(ParseByteSize, ReadsUpToTheLargestSizeAndNoFurther) {
  EXPECT_EQ(parse_byte_size("18446744073709551615 B"), ByteSize{kMaxBytes});
  EXPECT_EQ(parse_byte_size("18446744073709551.615 kB"), ByteSize{kMaxBytes});
  EXPECT_EQ(parse_byte_size("18446744073709551.616 kB"), std::nullopt);
  EXPECT_EQ(parse_byte_size("18446744073709551616 B"), std::nullopt);
  EXPECT_EQ(parse_byte_size("16777215 TiB"), ByteSize{16'777'215ULL << 40U});
  EXPECT_EQ(parse_byte_size("16777216 TiB"), std::nullopt);
  EXPECT_EQ(parse_byte_size("99999999999999999999999999 B"), std::nullopt);
}

TEST(DurationToString, ChoosesTheShortestWholeNumber) {
  EXPECT_EQ(to_string(Duration(90s)), "90 s");
  EXPECT_EQ(to_string(Duration(1500ms)), "1500 ms");
  EXPECT_EQ(to_string(Duration(1ns)), "1 ns");
  EXPECT_EQ(to_string(Duration(1000ns)), "1 us");
  EXPECT_EQ(to_string(Duration(60s)), "60 s");
  EXPECT_EQ(to_string(Duration(1h)), "1 h");
  EXPECT_EQ(to_string(Duration(24h)), "1 d");
}

TEST(DurationToString, ChoosesTheLargerUnitWhenTwoAreEquallyShort) { EXPECT_EQ(to_string(Duration(120s)), "2 min"); }

TEST(DurationToString, WritesZeroInSeconds) { EXPECT_EQ(to_string(Duration::zero()), "0 s"); }

TEST(DurationToString, WritesNegativeDurationsWithTheirSign) {
  EXPECT_EQ(to_string(Duration(-90s)), "-90 s");
  EXPECT_EQ(to_string(Duration::min()), "-9223372036854775808 ns");
}

TEST(ByteSizeToString, ChoosesTheShortestWholeNumber) {
  EXPECT_EQ(to_string(ByteSize{1'536ULL << 10U}), "1536 KiB");
  EXPECT_EQ(to_string(ByteSize{512ULL << 20U}), "512 MiB");
  EXPECT_EQ(to_string(ByteSize{10'000'000}), "10 MB");
  EXPECT_EQ(to_string(ByteSize{1}), "1 B");
  EXPECT_EQ(to_string(ByteSize{1'023}), "1023 B");
  EXPECT_EQ(to_string(ByteSize{kMaxBytes}), "18446744073709551615 B");
}

TEST(ByteSizeToString, WritesZeroInBytes) { EXPECT_EQ(to_string(ByteSize{}), "0 B"); }

TEST(Units, ReadBackWhatTheyWrite) {
  constexpr unsigned kSeed = 20'231;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    // Of every magnitude, and often a round number.
    const std::uint64_t round = i % 3 == 0 ? 1 : (i % 3 == 1 ? 1'000'000'000 : 1ULL << 20U);
    const std::uint64_t bits = (random() >> (random() % 64)) / round * round;
    const ByteSize size{bits};
    ASSERT_EQ(parse_byte_size(to_string(size)), size) << to_string(size);
    const Duration duration(static_cast<Duration::rep>(bits >> 1U));
    ASSERT_EQ(parse_duration(to_string(duration)), duration) << to_string(duration);
  }
}

}  // namespace
}  // namespace penstock
