// `penstock graph`: the picture of a pipeline.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "cli/command_line.h"

namespace penstock::cli {

/// Writes it to `out`. Returns the exit code.
int draw_graph(const GraphArguments& arguments, std::ostream& out);

}  // namespace penstock::cli
