// File or text → configuration and graph: what Pipeline and `penstock check` share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "framework/config/pipeline_config.h"
#include "framework/graph/graph.h"
#include "penstock/pipeline.h"

namespace penstock::api {

struct LoadedPipeline {
  config::PipelineConfig config;
  graph::Graph graph;
};

/// Throw ConfigError with everything that is wrong, in the order of the file.
LoadedPipeline load_file(const std::string& path, const Registry& registry, const LoadOptions& options = {});
LoadedPipeline load_string(const std::string& text, const Registry& registry, const LoadOptions& options = {});
/// A document that nobody has written as text: its diagnostics name `file` and have no lines.
LoadedPipeline load_json(const nlohmann::ordered_json& document, const std::string& file, const Registry& registry,
                         const LoadOptions& options = {});

}  // namespace penstock::api
