// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/digest_set.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace penstock::stages {
namespace {

TEST(DigestSet, IsEmptyAtFirst) {
  const DigestSet digests;
  EXPECT_EQ(digests.size(), 0U);
  EXPECT_FALSE(digests.contains(0));
  EXPECT_FALSE(digests.contains(1));
}

TEST(DigestSet, TellsTheSecondOfTwo) {
  DigestSet digests;
  EXPECT_TRUE(digests.insert(7));
  EXPECT_FALSE(digests.insert(7));
  EXPECT_EQ(digests.size(), 1U);
}

TEST(DigestSet, HoldsZeroLikeAnyOther) {
  DigestSet digests;
  EXPECT_TRUE(digests.insert(0));
  EXPECT_FALSE(digests.insert(0));
  EXPECT_TRUE(digests.contains(0));
  EXPECT_EQ(digests.size(), 1U);
}

TEST(DigestSet, KeepsAllWhileItGrows) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> values(200'000);
  for (std::uint64_t& value : values) value = random();
  DigestSet digests;
  for (const std::uint64_t value : values) ASSERT_TRUE(digests.insert(value));
  EXPECT_EQ(digests.size(), values.size());
  for (const std::uint64_t value : values) ASSERT_FALSE(digests.insert(value));
  for (int i = 0; i < 100'000; ++i) ASSERT_FALSE(digests.contains(random()));
}

TEST(DigestSet, TellsApartThoseThatWantOneSlot) {
  DigestSet digests;
  // Equal low bits, the last slot of the table among them: the search goes round its end.
  for (std::uint64_t i = 1; i <= 500; ++i) ASSERT_TRUE(digests.insert((i << 32) | 0xffff'ffff));
  for (std::uint64_t i = 1; i <= 500; ++i) ASSERT_TRUE(digests.contains((i << 32) | 0xffff'ffff));
  EXPECT_FALSE(digests.contains((std::uint64_t{501} << 32) | 0xffff'ffff));
}

}  // namespace
}  // namespace penstock::stages
