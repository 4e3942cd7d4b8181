// The ends of a conformance pipeline: a source of any payload type, and a sink of any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "framework/testing/conformance/hostile_items.h"
#include "penstock/item.h"
#include "penstock/registry.h"

namespace penstock::testing::conformance {

/// What the ends do; the test writes it before the run starts.
struct FeedControl {
  std::vector<SourceItem> items;                   ///< Emitted in turn.
  std::uint64_t count = 0;                         ///< How many are emitted.
  std::function<void(std::uint64_t)> before_item;  ///< In the source, on its thread; the number of items before.
  std::function<void(std::uint64_t)> at_end;       ///< In the sink, one call at a time; the number of items before.
};

/// The type of the sink that takes any item.
inline constexpr const char* kEndType = "conformance_end";

/// Registers a source for each payload type that there are samples of, and the sink.
void register_ends(Registry& registry, const std::shared_ptr<const FeedControl>& control, const Samples& samples);

/// The type of the source whose payloads a stage takes. Throws std::runtime_error when there are no samples for it.
std::string feed_for(const StageSpec& spec, const Samples& samples);

}  // namespace penstock::testing::conformance
