// Items that a stage may meet: ordinary ones, and whatever somebody who means harm would send.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "penstock/item.h"
#include "penstock/stage_spec.h"

namespace penstock::conformance {

/// The payload types that there are samples of. A stage with an input of another type needs some here.
std::vector<const PayloadType*> sample_types();

/// One of them that the stage takes. Throws std::runtime_error when there is none.
const PayloadType& sample_type_for(const StageSpec& spec);

/// Keys, payloads and attributes in all sorts of combinations, the same on each call. `attributes` are the names that
/// the stage reads.
std::vector<SourceItem> hostile_items(const PayloadType& type, const std::vector<std::string>& attributes);

/// Contents of files for the sources: each is well-formed for one of them, or for none.
std::vector<std::string> hostile_files();

}  // namespace penstock::conformance
