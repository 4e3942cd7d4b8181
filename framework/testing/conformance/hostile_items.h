// Items that a stage may meet: ordinary ones, and whatever somebody who means harm would send.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "penstock/item.h"
#include "penstock/stage_spec.h"

namespace penstock::testing::conformance {

/// Payloads by type, none of them empty.
using Samples = std::vector<std::vector<Payload>>;

/// `own`, in their order within each type, followed by those of the framework's types.
Samples samples_of(const std::vector<Payload>& own);

/// Those of a type that the stage takes. Throws std::runtime_error when there are none.
const std::vector<Payload>& samples_for(const StageSpec& spec, const Samples& samples);

/// Keys, payloads and attributes in all sorts of combinations, the same on each call. `attributes` are the names that
/// the stage reads.
std::vector<SourceItem> hostile_items(const std::vector<Payload>& payloads, const std::vector<std::string>& attributes);

/// Contents of files for the sources: each is well-formed for one of them, or for none.
std::vector<std::string> hostile_files();

}  // namespace penstock::testing::conformance
