// Which fault strikes which call of a stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "framework/testing/stage_plan.h"
#include "penstock/detail/piece.h"

namespace penstock::testing {

/// What a test has in mind for one call.
struct PlannedCall {
  Duration delay = {};  ///< Of all delays together, before the rest.
  std::optional<penstock::detail::Failure> failure;
  std::optional<std::string> drop_reason;

  /// Leaves its verdict in the piece; false when the body is to be called.
  bool strikes(penstock::detail::Piece& piece) const;
};

/// Thread safety: any thread.
class FaultCounter {
 public:
  explicit FaultCounter(std::vector<Fault> faults) : faults_(std::move(faults)) {}

  /// Counts a call.
  PlannedCall call(const penstock::detail::Piece& piece);

 private:
  const std::vector<Fault> faults_;
  std::mutex mutex_;
  std::uint64_t calls_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> calls_by_key_;
};

}  // namespace penstock::testing
