// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/retry.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "framework/runtime/run_state.h"

namespace penstock::runtime {

bool may_retry(const Piece& piece, const graph::GraphStage& stage) {
  const detail::Failure& failure = piece.extra->failure;
  return failure.persistence == Persistence::transient && piece.attempts < stage.retry.attempts &&
         (!failure.retry_after || Duration(*failure.retry_after) <= stage.retry.max_backoff);
}

Duration backoff_before(unsigned next, const graph::RetryOptions& options, Duration asked, double random) {
  const double ceiling = std::min(static_cast<double>(options.max_backoff.count()),
                                  std::ldexp(static_cast<double>(options.backoff.count()), static_cast<int>(next) - 2));
  return std::max(asked, Duration(static_cast<Duration::rep>(ceiling * random)));
}

void retry_later(RunState& run, Piece* piece, const graph::GraphStage& stage, std::function<void(Piece*)> due) {
  const Duration asked = piece->extra->failure.retry_after.value_or(std::chrono::milliseconds(0));
  piece->verdict = Verdict::emit;
  piece->extra->failure = {};
  ++piece->attempts;
  run.begin_motion();
  run.loop().post([&run, piece, &stage, asked, due = std::move(due)] {
    const Duration delay = backoff_before(piece->attempts, stage.retry, asked, run.executor().random());
    run.wait_for_retry(delay, [&run, piece, due] {
      due(piece);
      run.end_motion();
    });
  });
}

void describe_failure(Piece& piece, const graph::GraphStage& stage) {
  detail::Failure failure = std::move(piece.extra->failure);
  piece.extra->failure = {};
  piece.attributes.set("error.stage", stage.name);
  piece.attributes.set("error.code", std::move(failure.code));
  piece.attributes.set("error.message", std::move(failure.message));
  piece.attributes.set("error.attempts", std::int64_t{piece.attempts});
  if (failure.retry_after) {
    piece.attributes.set("retry_after", std::chrono::duration<double>(*failure.retry_after).count());
  }
}

}  // namespace penstock::runtime
