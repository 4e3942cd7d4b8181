// Expectations that every test of a run shares, for any test framework: they throw.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

#include "penstock/run_report.h"

namespace penstock::testing {

/// What was expected is not so; what() says both, line by line.
class ExpectationFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The books of a finished run: each admitted item has one outcome, nothing is left in or before a stage, and the
/// errors told are failures of stages. Throws ExpectationFailed with all that does not add up.
void expect_balanced(const RunReport& report);

}  // namespace penstock::testing
