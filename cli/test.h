// `penstock test`: runs the tests that stand beside pipelines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.h"

namespace penstock::cli {

/// Runs every test of every file, also after one that failed. Returns the exit code.
int run_tests(const TestArguments& arguments);

}  // namespace penstock::cli
