// Processes that the children of a run have left behind.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <thread>

namespace penstock::cli {

/// Makes this process the parent of every descendant that loses its own. Those that end meanwhile are reaped; those
/// that are left at the end are killed, so that nothing of a run goes on after it.
///
/// REQUIRES: made by the main thread, before any other thread; destroyed when no run is left. Children are started by
/// other threads: what the kernel lists as children of the main thread is what it was given.
class Subreaper {
 public:
  Subreaper();
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;
  ~Subreaper();

 private:
  void watch() const;

  int signals_ = -1;  // signalfd of SIGCHLD
  int stop_ = -1;     // eventfd
  std::thread thread_;
};

}  // namespace penstock::cli
