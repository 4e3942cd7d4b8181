// Runs the program under test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace penstock::cli {

struct Result {
  int exit_code = 0;
  std::string output;
  std::string error_output;
};

inline std::vector<std::string> program(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{PENSTOCK_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

/// Runs `penstock ARGUMENTS` with an empty standard input to its end.
inline Result run_program(const std::vector<std::string>& arguments) {
  testing::ChildProcess child(program(arguments));
  const int exit_code = child.wait();
  return {exit_code, child.output(), child.error_output()};
}

}  // namespace penstock::cli
