// `penstock run`: runs one pipeline, shows how it goes, and stops it on signals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.h"

namespace penstock::cli {

inline constexpr const char* kRunCommand = "run";

/// Returns the exit code.
///
/// REQUIRES: hold_stop_signals() was called, before any other thread was made.
int run_pipeline(const RunArguments& arguments);

}  // namespace penstock::cli
