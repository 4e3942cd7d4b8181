// `penstock graph`: the picture of a pipeline.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/command_line.h"
#include "framework/graph/graph.h"

namespace penstock::cli {

/// Returns the exit code.
int draw_graph(const GraphArguments& arguments);

}  // namespace penstock::cli
