// `penstock stages`: what the stage types are and what they take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "cli/command_line.h"

namespace penstock::cli {

/// Writes them to `out`. Returns the exit code.
int show_stages(const StagesArguments& arguments, std::ostream& out);

}  // namespace penstock::cli
