// A transform whose body runs in processes of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/stage_spec.h"
#include "penstock/units.h"

namespace penstock::isolation {

/// What isolates one stage.
struct Isolation {
  std::vector<std::string> worker;  ///< The command that calls run_worker() with a registry that knows the stage type.
  std::string stage_name;
  std::string base;                           ///< The folder that paths in the options count from.
  std::vector<std::string> options;           ///< Names of the options that were given.
  std::optional<std::uint64_t> memory_limit;  ///< Bytes that a worker may take for its items.
  std::optional<Duration> timeout;            ///< For one item, from when a worker has it.
};

/// Items that a stage works on at once, each in a process, unless the file says else.
inline constexpr unsigned kDefaultWorkers = 4;

/// The same stage type, as one that waits: for a worker. REQUIRES: `spec` is a transform.
std::shared_ptr<const StageSpec> isolated_spec(const std::shared_ptr<const StageSpec>& spec, Isolation isolation);

}  // namespace penstock::isolation
