// Starting processes, synchronously.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <vector>

#include "framework/io/launch_image.h"
#include "penstock/process.h"
#include "penstock/unique_fd.h"

namespace penstock::io {

/// A process that has not been reaped.
struct SpawnedProcess {
  pid_t id = -1;
  UniqueFd handle;  ///< A pidfd: readable when the process has ended.
  UniqueFd report;  ///< Where it says why its program could not be executed (launch.h).
};

/// Processes in the group of the first one, and our ends of their pipes, which do not block.
struct SpawnedGroup {
  std::vector<SpawnedProcess> processes;
  UniqueFd input;
  UniqueFd output;
  UniqueFd errors;

  pid_t id() const { return processes.front().id; }
};

/// Returns when the first program of each process has been executed: with an image, that is the launching program.
/// Throws std::system_error; nothing is left running then. Blocks: for the disk that programs are read from.
SpawnedGroup spawn(const ProcessOptions& options, const LaunchImage& image);

/// Kills what is left of a group and reaps the processes. Blocks until they have ended.
void kill_and_reap(const std::vector<SpawnedProcess>& processes);

}  // namespace penstock::io
