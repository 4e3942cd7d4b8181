// The front door: load a pipeline, run it, watch it, stop it.
//
//     penstock::Registry registry;
//     penstock::stages::register_builtin_stages(registry);
//     auto pipeline = penstock::Pipeline::from_file("thumbnails.json", registry);
//     penstock::RunReport report = pipeline.start().wait();
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/export.h"
#include "penstock/registry.h"
#include "penstock/run.h"
#include "penstock/run_report.h"

namespace penstock {

namespace graph {
struct Graph;
}

/// What becomes of the `plugins` of a file: loading one runs its code.
enum class FilePlugins { load, refuse };

/// What the file leaves to whoever loads it.
struct LoadOptions {
  /// Values for the file's `params`; each is read as JSON where its default is not a string.
  std::map<std::string, std::string> parameters = {};
  /// Folder that relative paths count from. Empty: the file's own folder; the working directory for strings.
  std::string base = {};
  FilePlugins plugins = FilePlugins::load;
  /// The command that runs the bodies of stages with `"isolation": "process"`: a program that calls run_worker()
  /// (worker.h) with a registry that has their types. The paths of the file's plugins are appended to it. Empty: such a
  /// stage is an error.
  std::vector<std::string> worker = {};
};

/// A checked pipeline. Immutable; may be started any number of times, also at once. To make one in C++ instead of JSON,
/// see pipeline_builder.h.
class PENSTOCK_API Pipeline {
 public:
  /// Reads, expands and checks. Throws ConfigError with everything that is wrong. No I/O but reading the file and
  /// loading the plugins that it names.
  static Pipeline from_file(const std::string& path, const Registry& registry, const LoadOptions& options = {});
  static Pipeline from_string(const std::string& text, const Registry& registry, const LoadOptions& options = {});
  /// The same for a document that is parsed already: findings have a JSON pointer, but no line.
  static Pipeline from_json(const nlohmann::json& document, const Registry& registry, const LoadOptions& options = {});

  explicit Pipeline(std::shared_ptr<const graph::Graph> graph) : graph_(std::move(graph)) {}

  const std::string& name() const;
  /// Findings that do not prevent a run.
  const std::vector<Diagnostic>& warnings() const;
  const graph::Graph& graph() const { return *graph_; }

  /// Opens every stage, then starts. A failed `open` ends the run as `aborted`. Throws std::invalid_argument when
  /// `options` name an output that is not there.
  Run start(RunOptions options = {}) const;

 private:
  std::shared_ptr<const graph::Graph> graph_;
};

}  // namespace penstock
