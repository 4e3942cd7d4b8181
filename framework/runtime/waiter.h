// Somebody who waits for one of the run's limits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "framework/runtime/order.h"

namespace penstock::runtime {

/// wake() is called once for each time that a request was refused and then granted, on any thread, without locks held;
/// the amount has been taken already (sources: nothing has; they ask again).
class Waiter {
 public:
  virtual void wake() noexcept = 0;

  OrderKey place;  ///< Of the piece that waits; older ones are served first.
  std::uint64_t amount = 1;

 protected:
  ~Waiter() = default;
};

}  // namespace penstock::runtime
