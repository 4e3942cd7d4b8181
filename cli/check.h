// `penstock check`: finds every mistake in pipeline files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.h"

namespace penstock::cli {

/// Checks every file, also after one with errors. Returns the exit code.
int check_pipelines(const CheckArguments& arguments);

}  // namespace penstock::cli
