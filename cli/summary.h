// What a person reads at the end of a run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "framework/graph/graph.h"
#include "penstock/run_report.h"

namespace penstock::cli {

/// Counts, rate, time, the most frequent errors with an example of each, and `outputs`. Ends with a line feed.
std::string summary(const RunReport& report, const std::vector<std::string>& outputs);

/// Where the sinks of a pipeline write, one text each: "upload: out/{key:stem}.jpg". `base` is the folder that its
/// relative paths count from.
std::vector<std::string> outputs_of(const graph::Graph& graph, const std::string& base);

}  // namespace penstock::cli
