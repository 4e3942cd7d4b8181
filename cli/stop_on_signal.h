// What SIGINT and SIGTERM do to a run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <mutex>
#include <string>

#include "cli/signals.h"
#include "penstock/pipeline.h"

namespace penstock::cli {

/// The first signal drains, the second cancels, also when they come before the run has started. The third ends the
/// program at any time: somebody wants out.
///
/// REQUIRES: it is made before any other thread, except those of `logger`.
class StopOnSignal {
 public:
  StopOnSignal(std::shared_ptr<spdlog::logger> logger, std::string drain_timeout)
      : logger_(std::move(logger)),
        drain_timeout_(std::move(drain_timeout)),
        watcher_([this](int signal, int count) { stop(signal, count); }) {}

  /// `run` must live until detach().
  void attach(Run& run);
  void detach();

  /// 0 for none.
  int first_signal() const { return watcher_.first_signal(); }

 private:
  void stop(int signal, int count);
  /// Passes on what came so far. REQUIRES: `mutex_` is held.
  void stop_run();

  std::shared_ptr<spdlog::logger> logger_;
  std::string drain_timeout_;
  std::mutex mutex_;
  Run* run_ = nullptr;
  int count_ = 0;          // Of the signals so far.
  SignalWatcher watcher_;  // Last: its thread uses the others.
};

}  // namespace penstock::cli
