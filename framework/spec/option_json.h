// Option values as JSON, the way a configuration would write them: durations and sizes as text with their unit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "penstock/option_type.h"

namespace penstock::spec {

/// Absent becomes null.
nlohmann::ordered_json to_json(const OptionValue& value);

/// The value of one option as configurations may show it: a secret that is set becomes "***", also within objects;
/// of a secret map the keys are shown.
nlohmann::ordered_json shown_json(const ParamSpec& param, const OptionValue& value);

/// The default of an option, read from a struct with its initialisers. Absent when `defaults` is null.
OptionValue default_of(const ParamSpec& param, const void* defaults);

/// False for a default that says nothing: absent, or an empty text.
bool is_worth_showing(const OptionValue& default_value);

}  // namespace penstock::spec
