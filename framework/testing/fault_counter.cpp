// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/fault_counter.h"

#include <utility>

namespace penstock::testing {

bool PlannedCall::strikes(penstock::detail::Piece& piece) const {
  if (failure) {
    piece.fail(*failure);
  } else if (drop_reason) {
    piece.drop(*drop_reason);
  }
  return failure || drop_reason;
}

PlannedCall FaultCounter::call(const penstock::detail::Piece& piece) {
  PlannedCall call;
  if (faults_.empty()) return call;
  const std::string& key = penstock::detail::key_of(piece);
  std::uint64_t number = 0;
  std::uint64_t number_of_key = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++calls_;
    number_of_key = ++calls_by_key_[key];
  }
  for (const Fault& fault : faults_) {
    const bool is_meant = fault.calls.key() ? *fault.calls.key() == key && fault.calls.include(number_of_key)
                                            : fault.calls.include(number);
    if (!is_meant) continue;
    if (const auto* delay = std::get_if<Duration>(&fault.effect)) {
      call.delay += *delay;
      continue;
    }
    if (const auto* drop = std::get_if<DropFault>(&fault.effect)) {
      call.drop_reason = drop->reason;
    } else {
      const ItemError& error = std::get<ItemError>(fault.effect);
      call.failure = {error.code(), error.message(),
                      error.is_transient() ? Persistence::transient : Persistence::permanent, error.retry_after()};
    }
    break;
  }
  return call;
}

}  // namespace penstock::testing
