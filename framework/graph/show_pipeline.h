// A checked pipeline as its author might have written it in full: what `penstock check --show` prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "framework/config/pipeline_config.h"
#include "framework/graph/graph.h"

namespace penstock::graph {

/// JSON with every default and every `from` filled in and parameters replaced. Secrets are ***; what comes from the
/// environment stays `${env:NAME}`. It passes `check` itself. REQUIRES: `graph` was built from `config`.
std::string show_pipeline(const config::PipelineConfig& config, const Graph& graph);

}  // namespace penstock::graph
