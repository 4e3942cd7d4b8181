// Runs the program under test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"

namespace penstock::cli {

struct Result {
  int exit_code = 0;
  std::string output;
  std::string error_output;
};

inline std::vector<std::string> program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), PENSTOCK_PROGRAM);
  return arguments;
}

/// Runs `penstock ARGUMENTS` with an empty standard input to its end.
inline Result run_program(std::vector<std::string> arguments) {
  testing::ChildProcess child(program(std::move(arguments)));
  const int exit_code = child.wait();
  return {exit_code, child.output(), child.error_output()};
}

}  // namespace penstock::cli
