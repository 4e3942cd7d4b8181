// A body with a test's faults in front of it, and a test's eyes behind it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "framework/testing/collection.h"
#include "framework/testing/stage_plan.h"
#include "penstock/detail/stage_body.h"

namespace penstock::testing {

struct Observation {
  std::string stage;
  std::vector<Fault> faults;
  std::shared_ptr<Collection> collection;  ///< Null: nothing is collected.
  bool is_sink = false;                    ///< What comes is collected, else what leaves.
};

/// Calls `body` where no fault comes before it. Of the same kind. Thread safety: as the kind asks for.
std::unique_ptr<penstock::detail::StageBody> observe(std::unique_ptr<penstock::detail::StageBody> body,
                                                     Observation observation);

}  // namespace penstock::testing
