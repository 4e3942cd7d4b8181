// What a test wants of one stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "penstock/error.h"
#include "penstock/item.h"
#include "penstock/testing/calls.h"
#include "penstock/testing/stage_function.h"
#include "penstock/units.h"

namespace penstock::testing {

/// Why an item is dropped before its call.
struct DropFault {
  std::string reason;
};

struct Fault {
  Calls calls;
  std::variant<ItemError, DropFault, Duration> effect;  ///< A duration: the call is late.
};

struct StagePlan {
  std::function<std::vector<SourceItem>()> feed;  ///< Empty: the source is its own.
  std::optional<StageFunction> function;          ///< None: the body is the stage's own.
  bool is_kept = false;                           ///< Of a sink.
  bool is_collected = false;
  std::vector<Fault> faults;
};

}  // namespace penstock::testing
