// SPDX-License-Identifier: Apache-2.0
#include "framework/api/submission.h"

#include <utility>

#include "penstock/detail/piece.h"

namespace penstock::api {

void Submission::piece_delivered(const detail::Piece& piece) noexcept {
  const std::scoped_lock lock(mutex_);
  result_.outputs.push_back({.key = detail::key_of(piece), .attributes = piece.attributes, .payload = piece.payload});
}

void Submission::piece_lost(const detail::Piece& piece, std::string_view stage) noexcept {
  const bool has_failed = piece.verdict == detail::Verdict::fail;
  const std::scoped_lock lock(mutex_);
  // A failure says more than a drop; among equals the first counts.
  if (!result_.stage.empty() && (!has_failed || !result_.code.empty())) return;
  result_.stage = stage;
  result_.attempts = piece.attempts;
  result_.code = has_failed ? piece.extra->failure.code : std::string();
  result_.message = has_failed ? piece.extra->failure.message : piece.extra->drop_reason;
}

void Submission::settled(ItemOutcome outcome) noexcept {
  result_.outcome = outcome;
  on_result_(std::move(result_));
  delete this;
}

}  // namespace penstock::api
