// One execution of a pipeline: watch it, feed it, stop it, read its report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "penstock/export.h"
#include "penstock/host.h"
#include "penstock/run_report.h"
#include "penstock/units.h"

namespace penstock {

namespace api {
class RunHandle;
}

/// Callbacks run on threads of the run. They may call drain(), cancel() and progress(), but not wait(), and must not
/// destroy the Run.
struct RunOptions {
  unsigned workers = 0;  ///< Compute threads; 0: as many as the host allows.
  Duration drain_timeout = std::chrono::seconds(10);
  /// Drains the run when somebody asks it to stop.
  std::stop_token stop_token = {};

  /// Called for each failed piece, on any thread, one call at a time. An exception ends the run as aborted.
  std::function<void(const FailureRecord&)> on_failure = {};
  /// Called every `progress_interval` on the event loop, which it must not hold up. An exception ends the run as
  /// aborted.
  std::function<void(const Progress&)> on_progress = {};
  Duration progress_interval = std::chrono::seconds(1);
  /// Called once for each stage, on any thread, one call at a time, when its last item has left and it has closed; for
  /// those before it first. What the report says of it does not change any more. An exception ends the run as aborted.
  std::function<void(const StageReport&)> on_drained = {};
  /// Called once when the run is over, on any thread: report() is there, and wait() returns at once. When a stage does
  /// not open, that is before start() has returned. Must not throw.
  std::function<void()> on_end = {};
  /// What each `output` stage, by name, gives its items to, instead of Output::pull(). Called on a thread that may
  /// block, one call at a time for each stage, in the order of arrival. An exception makes the item fail.
  std::map<std::string, std::function<void(OutputItem)>, std::less<>> on_output = {};
};

/// One execution. Destroying it cancels the run and waits for its end. Thread safety: every member may be called from
/// any thread, drain() and cancel() without blocking it; none from a signal handler.
class PENSTOCK_API Run {
 public:
  explicit Run(std::unique_ptr<api::RunHandle> handle);
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  /// Blocks until every item has settled and every stage is closed. May be called again. The report lives as long as
  /// the Run.
  const RunReport& wait();
  /// What wait() gives; null while the run goes on.
  const RunReport* report() const;
  /// Stops the sources, finishes what is in flight; cancels after the drain timeout.
  void drain();
  /// Starts nothing more, discards what waits, stops what can be stopped.
  void cancel();
  Progress progress() const;

  /// The host's end of an `input` stage, by name, or of the only one. Throws std::invalid_argument when there is none.
  Input input(std::string_view stage = {}) const;
  /// The same of an `output` stage that has no callback.
  Output output(std::string_view stage = {}) const;

 private:
  std::unique_ptr<api::RunHandle> handle_;
};

}  // namespace penstock
