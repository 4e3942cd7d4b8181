// One JSON value + what is expected -> OptionValue.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "framework/base/diagnostics.h"
#include "framework/spec/located_json.h"
#include "framework/spec/place.h"
#include "penstock/option_type.h"

namespace penstock::spec {

struct ValueReader {
  const std::string& prefix;  ///< Of every message.
  const Place& object;        ///< The object that has the option; names in messages count from it.
  Diagnostics& diagnostics;
  bool is_secret;  ///< Messages show *** instead of the value.

  /// Nothing when something was reported, now or when the file was read.
  std::optional<OptionValue> read(const LocatedValue& value, const Place& place, const OptionType& type) const;
  /// Reads the value of a key into `map`; false when something was reported.
  bool append_field(OptionMap& map, const LocatedMember& member, const Place& place, const OptionType& type) const;
};

/// Any JSON as it is.
OptionValue to_option_value(const LocatedValue& value);

}  // namespace penstock::spec
