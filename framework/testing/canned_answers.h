// What a test file lets a replaced stage answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/detail/stage_body.h"
#include "penstock/error.h"
#include "penstock/payload.h"
#include "penstock/testing/stage_function.h"
#include "penstock/units.h"

namespace penstock::testing {

struct CannedAnswer {
  std::optional<std::string> key;
  std::vector<std::pair<std::string, AttributeValue>> attributes;
  std::optional<Payload> payload;  ///< None: that of the item.
  std::string port;
  std::optional<ItemError> error;
  std::optional<std::string> drop_reason;
  Duration delay = {};
};

/// A function that gives each key its answers in turn, the last of them for all further calls; keys without answers
/// share the answers without a key, and an item that has none fails as `stage.exception`. Its counts start anew with
/// each call of this function. REQUIRES: `kind` makes one of one, or is a route; delays are for async_transform.
StageFunction make_canned_function(StageKind kind, std::string stage, std::vector<CannedAnswer> answers);

}  // namespace penstock::testing
