// Results of tests in the XML that JUnit began and continuous integration reads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "framework/testing/run_test.h"

namespace penstock::cli {

struct FinishedTest {
  std::string file;
  std::string name;
  testing::TestResult result;
  double seconds = 0;
};

/// A `testsuite` per file, in the order of the results. Valid XML 1.0 whatever the texts hold.
std::string junit_xml(const std::vector<FinishedTest>& results);

}  // namespace penstock::cli
