// What tests with GoogleTest use in addition. The one header of Penstock that includes GoogleTest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "penstock/testing/expect.h"
#include "penstock/testing/seeds.h"

namespace penstock::testing {

/// Calls `body(seed)` for each of seeds(count), up to the first with a failed EXPECT_…, ASSERT_… or an exception. Each
/// failure names its seed.
template <class Body>
void expect_for_each_seed(std::uint64_t count, Body body) {
  for (const std::uint64_t seed : seeds(count)) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, seed_text(seed));
    try {
      body(seed);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace penstock::testing
