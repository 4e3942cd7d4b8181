// Regular expressions for durations and byte sizes within bounds, for the JSON Schema, which knows no units.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "penstock/option_type.h"

namespace penstock::spec {

/// Expressions (ECMA-262, without look-ahead) that a text matches, all of them, if and only if parse_duration() reads
/// it as a duration within `range` (nanoseconds). Of texts that are no whole number of nanoseconds, or above 292 years,
/// some match as well.
std::vector<std::string> duration_patterns(const OptionRange& range);

/// The same for parse_byte_size() and bytes.
std::vector<std::string> byte_size_patterns(const OptionRange& range);

}  // namespace penstock::spec
