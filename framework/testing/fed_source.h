// A source that emits what a test gave it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "penstock/detail/stage_body.h"
#include "penstock/item.h"

namespace penstock::testing {

/// REQUIRES: `kind` is a kind of source.
std::unique_ptr<penstock::detail::StageBody> make_fed_source(StageKind kind, std::vector<SourceItem> items);

}  // namespace penstock::testing
