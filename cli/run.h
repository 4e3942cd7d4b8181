// `penstock run`: runs one pipeline, shows how it goes, and stops it on signals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.h"

namespace penstock::cli {

/// Returns the exit code.
int run_pipeline(const RunArguments& arguments);

}  // namespace penstock::cli
