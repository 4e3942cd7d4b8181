// The front door: load a pipeline, run it, watch it, stop it.
//
//     penstock::Registry registry;
//     penstock::stages::register_builtin_stages(registry);
//     auto pipeline = penstock::Pipeline::from_file("thumbnails.json", registry);
//     penstock::RunReport report = pipeline.start().wait();
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/diagnostic.h"
#include "penstock/registry.h"
#include "penstock/run_report.h"
#include "penstock/units.h"

namespace penstock {

namespace graph {
struct Graph;
}
namespace runtime {
class RunState;
}

struct LoadOptions {
  /// Values for the file's `params`; each is read as JSON where its default is not a string.
  std::map<std::string, std::string> parameters;
  /// Folder that relative paths count from. Empty: the file's own folder; the working directory for strings.
  std::string base;
};

struct RunOptions {
  unsigned workers = 0;  ///< Compute threads; 0: as many as the host allows.
  Duration drain_timeout = std::chrono::seconds(10);
  /// Called for each failed piece, on any thread, one call at a time. It may call drain(), cancel() and progress(), but
  /// not wait(), and must not destroy the Run. An exception ends the run as aborted.
  std::function<void(const FailureRecord&)> on_failure;
};

/// One execution. Destroying it cancels the run and waits for its end. Thread safety: every member may be called from
/// any thread, drain() and cancel() without blocking it; none from a signal handler.
class Run {
 public:
  explicit Run(std::shared_ptr<runtime::RunState> state);
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  /// Blocks until every item has settled and every stage is closed. May be called again. The report lives as long as
  /// the Run.
  const RunReport& wait();
  /// Stops the sources, finishes what is in flight; cancels after the drain timeout.
  void drain();
  /// Starts nothing more, discards what waits, stops what can be stopped.
  void cancel();
  Progress progress() const;

 private:
  std::shared_ptr<runtime::RunState> state_;
};

/// A checked pipeline. Immutable; may be started any number of times, also at once.
class Pipeline {
 public:
  /// Reads, expands and checks. Throws ConfigError with everything that is wrong. No I/O but reading the file.
  static Pipeline from_file(const std::string& path, const Registry& registry, const LoadOptions& options = {});
  static Pipeline from_string(std::string text, const Registry& registry, const LoadOptions& options = {});

  explicit Pipeline(std::shared_ptr<const graph::Graph> graph) : graph_(std::move(graph)) {}

  const std::string& name() const;
  /// Findings that do not prevent a run.
  const std::vector<Diagnostic>& warnings() const;
  const graph::Graph& graph() const { return *graph_; }

  /// Opens every stage, then starts. A failed `open` ends the run as `aborted`.
  Run start(RunOptions options = {}) const;

 private:
  std::shared_ptr<const graph::Graph> graph_;
};

}  // namespace penstock
