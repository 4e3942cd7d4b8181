// What a run did: the snapshot while it goes on, and the report at its end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/export.h"

namespace penstock {

/// Items by outcome. At the end of every run admitted = done + dropped + failed + cancelled.
struct ItemCounts {
  std::uint64_t admitted = 0;
  std::uint64_t done = 0;
  std::uint64_t dropped = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;

  std::uint64_t settled() const { return done + dropped + failed + cancelled; }
  bool is_balanced() const { return admitted == settled(); }
  friend bool operator==(const ItemCounts&, const ItemCounts&) = default;
};

/// How a run ended.
enum class RunOutcome {
  completed,  ///< The sources ended and every item settled; some may have failed.
  drained,    ///< Asked to stop: what was in flight was finished.
  cancelled,  ///< Asked to stop at once, or the drain timeout passed.
  aborted,    ///< An `open`, a source or an `on_failure: "stop"` ended it; see RunReport::abort.
};
PENSTOCK_API const char* to_string(RunOutcome outcome);

/// Latency of one stage in milliseconds, from entering the body to leaving it; within 7 % of the exact quantile.
struct LatencyQuantiles {
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

/// What went through one stage until now: counts of pieces, and bytes of their payloads.
struct StageReport {
  std::string name;
  std::string type;
  std::uint64_t in = 0;   ///< Pieces that entered; for a source, items that it emitted.
  std::uint64_t out = 0;  ///< Pieces that left through an output port, or were finished by a sink.
  std::uint64_t dropped = 0;
  std::uint64_t failed = 0;   ///< After the last attempt; those that a stage reads from `failed` included.
  std::uint64_t handled = 0;  ///< Of the failed: read by a stage.
  std::uint64_t cancelled = 0;
  std::uint64_t retries = 0;
  std::uint64_t stalled_batches = 0;
  std::uint64_t in_flight = 0;  ///< In the body now.
  std::uint64_t waiting = 0;    ///< Before the body now.
  std::uint64_t peak_in_flight = 0;
  double busy_seconds = 0;  ///< Sum over its threads; for asynchronous stages, of the time in flight.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  LatencyQuantiles latency_ms;
  std::vector<std::pair<std::string, std::uint64_t>> counters;  ///< What its type declares that it counts.
};

/// All failures of one stage with one code.
struct ErrorSummary {
  std::string stage;
  std::string code;
  std::uint64_t count = 0;
  std::string example_key;
  std::string example_message;
};

/// One failed piece, as the observer and `--failures` get it.
struct FailureRecord {
  std::string key;
  std::uint32_t piece = 0;  ///< 0 for the item itself; children of an expansion count from 1.
  std::string stage;
  std::string code;
  std::string message;
  unsigned attempts = 1;
  Attributes attributes;
};

/// Why a run was aborted.
struct AbortReason {
  std::string stage;
  std::string code;
  std::string message;
};

/// What a run did, at its end. All of it is also in the JSON of `--report`.
struct RunReport {
  std::string pipeline;
  RunOutcome outcome = RunOutcome::completed;
  std::optional<AbortReason> abort;
  ItemCounts items;
  double seconds = 0;  ///< From start to end, on the monotonic clock.
  std::uint64_t peak_items_in_flight = 0;
  std::uint64_t peak_memory_bytes = 0;  ///< Accounted.
  std::uint64_t peak_rss_bytes = 0;     ///< Of the whole process.
  unsigned workers_available = 0;       ///< Compute threads that the host's oneTBB let it have.
  std::vector<StageReport> stages;
  std::vector<ErrorSummary> errors;  ///< Most frequent first.
};

/// A snapshot while a run goes on. Counters of different stages are read one after the other, not at one instant.
struct Progress {
  ItemCounts items;
  std::optional<std::uint64_t> total;  ///< Items that the sources will emit, once all of them know.
  double seconds = 0;
  bool is_draining = false;
  std::uint64_t memory_bytes = 0;
  std::vector<StageReport> stages;
};

}  // namespace penstock
