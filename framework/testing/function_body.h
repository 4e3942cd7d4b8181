// The body of a stage that a test replaced by a function.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "penstock/detail/stage_body.h"
#include "penstock/testing/stage_function.h"

namespace penstock::testing {

/// What the runtime was promised about the stage that is replaced.
struct BodyPromise {
  std::string stage;
  StageKind kind = StageKind::transform;
  const PayloadType* output = nullptr;  ///< Null: any, or none.
  std::vector<std::string> ports;       ///< Of a route.
  std::size_t max_members = 1;          ///< Of a collecting stage.
};

/// Whether a function of that shape can be the body of a stage of that kind.
bool fits(StageFunction::Shape shape, StageKind kind);

/// A payload of another type than `promise.output`, or a port that there is not, fails the item as `stage.exception`.
/// REQUIRES: fits(function.shape(), promise.kind).
std::unique_ptr<penstock::detail::StageBody> make_function_body(StageFunction function, BodyPromise promise);

}  // namespace penstock::testing
