// How one item ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "penstock/export.h"

namespace penstock {

/// Mixed pieces of one item: failed wins over cancelled, cancelled over dropped, dropped over done.
enum class ItemOutcome : std::uint8_t {
  done,
  dropped,    ///< A stage decided so.
  cancelled,  ///< The run was cancelled while the item was in flight.
  failed,     ///< A stage failed, and nothing handled that.
  refused,    ///< Never let in: the input was closed or the run stopped before. Not counted by the run.
};
PENSTOCK_API const char* to_string(ItemOutcome outcome);

}  // namespace penstock
