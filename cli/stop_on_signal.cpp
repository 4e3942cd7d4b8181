// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_on_signal.h"

#include <unistd.h>

#include <csignal>

#include "cli/exit_code.h"

namespace penstock::cli {

void StopOnSignal::attach(Run& run) {
  const std::lock_guard lock(mutex_);
  run_ = &run;
  stop_run();
}

void StopOnSignal::detach() {
  const std::lock_guard lock(mutex_);
  run_ = nullptr;
}

void StopOnSignal::stop(int signal, int count) {
  const char* name = signal == SIGTERM ? "SIGTERM" : "SIGINT";
  const std::lock_guard lock(mutex_);
  if (count > 2) ::_exit(kSignalBase + signal);
  if (count == 1) {
    logger_->info("{}: finishing what is in flight, for {} at most; once more stops at once", name, drain_timeout_);
  } else {
    logger_->info("{}: stopping at once", name);
  }
  count_ = count;
  stop_run();
}

void StopOnSignal::stop_run() {
  if (run_ == nullptr || count_ == 0) return;
  if (count_ == 1) {
    run_->drain();
  } else {
    run_->cancel();
  }
}

}  // namespace penstock::cli
