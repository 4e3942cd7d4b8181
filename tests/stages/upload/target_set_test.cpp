// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/target_set.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock::stages {
namespace {

TEST(TargetSet, TellsTheSecondOfTwo) {
  TargetSet targets;
  EXPECT_TRUE(targets.insert("a"));
  EXPECT_TRUE(targets.insert("b"));
  EXPECT_FALSE(targets.insert("a"));
}

TEST(TargetSet, RemembersWhatIsInMemoryAndWhatIsOnDisk) {
  TargetSet targets(100);
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(targets.insert(std::to_string(i))) << i;
  EXPECT_TRUE(targets.is_large());
  for (int i = 0; i < 5000; ++i) ASSERT_FALSE(targets.insert(std::to_string(i))) << i;
}

}  // namespace
}  // namespace penstock::stages
