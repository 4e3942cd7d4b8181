// The ends of a conformance pipeline: a source of any payload type, and a sink of any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "penstock/item.h"
#include "penstock/registry.h"

namespace penstock::conformance {

/// What the ends do; the test writes it before the run starts.
struct FeedControl {
  std::vector<SourceItem> items;                   ///< Emitted in turn.
  std::uint64_t count = 0;                         ///< How many are emitted.
  std::function<void(std::uint64_t)> before_item;  ///< In the source, on its thread; the number of items before.
  std::function<void(std::uint64_t)> at_end;       ///< In the sink, one call at a time; the number of items before.
};

/// Registers `feed_TYPE` for each payload type that hostile_items.h knows, and the sink `end`.
void register_ends(Registry& registry, const std::shared_ptr<const FeedControl>& control);

/// The source whose payloads a stage takes. Throws std::runtime_error when hostile_items.h has none.
std::string feed_for(const StageSpec& spec);

}  // namespace penstock::conformance
