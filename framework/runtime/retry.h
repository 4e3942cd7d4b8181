// Whether, when and how a failed piece is tried again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "framework/graph/graph.h"
#include "framework/runtime/lease.h"
#include "penstock/units.h"

namespace penstock::runtime {

class RunState;

/// True when the error is transient, an attempt is left, and the other side does not ask for a longer wait than
/// `max_backoff`. REQUIRES: piece.verdict is fail.
bool may_retry(const Piece& piece, const graph::GraphStage& stage);

/// The wait before attempt `next` (from 2): full jitter, a uniform share of min(max_backoff, backoff * 2^(next - 2))
/// (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015), and at least what the other side asked for.
/// `random` is in [0, 1).
Duration backoff_before(unsigned next, const graph::RetryOptions& options, Duration asked, double random);

/// Readies the piece for its next attempt and gives it to `due`, on the event loop, when the wait is over or the run is
/// cancelled. It counts as motion until then.
void retry_later(RunState& run, Piece* piece, const graph::GraphStage& stage, std::function<void(Piece*)> due);

/// Sets the attributes that a reader of the `failed` port sees.
void describe_failure(Piece& piece, const graph::GraphStage& stage);

}  // namespace penstock::runtime
