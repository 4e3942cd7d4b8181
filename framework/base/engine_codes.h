// What the engine itself raises, whatever the stage. A test compares the codes with the sources.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "penstock/error.h"

namespace penstock {

inline constexpr ErrorCode kIsolationCannotStart{
    "isolation.cannot_start", "No worker process could be started, or it does not know the stage or its payloads."};
inline constexpr ErrorCode kIsolationCrashed{
    "isolation.crashed", "The worker process of an isolated stage ended while it worked on this item."};
inline constexpr ErrorCode kIsolationMemoryLimit{
    "isolation.memory_limit", "The body of an isolated stage needs more than `memory_limit` for this item."};
inline constexpr ErrorCode kIsolationTimeout{
    "isolation.timeout", "The body of an isolated stage took longer than `timeout`; its worker was killed.",
    Persistence::transient};
inline constexpr ErrorCode kMemorySetAside{
    "memory.set_aside", "A payload that was set aside on disk while memory was short could not be read back."};
inline constexpr ErrorCode kStageException{
    "stage.exception", "The stage threw something else than an error of an item; the message is its text."};
inline constexpr ErrorCode kStageOutOfMemory{"stage.out_of_memory", "The memory for this item could not be had."};

/// Codes of items; sorted.
inline constexpr std::array kEngineItemCodes = {
    ErrorCode{"TYPE.timeout", "One attempt took longer than the stage's `timeout`; TYPE is the stage's type.",
              Persistence::transient},
    kIsolationCannotStart,
    kIsolationCrashed,
    kIsolationMemoryLimit,
    kIsolationTimeout,
    kMemorySetAside,
    kStageException,
    kStageOutOfMemory,
};

/// Codes of runs that were aborted; sorted.
inline constexpr std::array kEngineRunCodes = {
    ErrorCode{"run.on_drained",
              "The callback for drained stages of the program that embeds the run threw an exception."},
    ErrorCode{"run.on_failure", "The callback for failures of the program that embeds the run threw an exception."},
    ErrorCode{"source.exception", "A source failed; the message says why."},
    ErrorCode{"stage.close", "A stage could not finish its work at the end."},
    ErrorCode{"stage.open", "A stage could not be opened; nothing was begun."},
};

}  // namespace penstock
