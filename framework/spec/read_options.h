// JSON object + declaration -> options struct. Everything that is wrong is reported, each with its own place:
//
//     option.unknown   a key that nobody declared          option.range   outside the declared bounds
//     option.type      not the JSON type that is expected   option.value   the right type, but no such choice, duration
//     ... option.missing   a required key is not there          (and the codes of the options' own codecs and rules)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/spec/located_json.h"
#include "framework/spec/place.h"
#include "penstock/option_type.h"
#include "penstock/stage_spec.h"

namespace penstock::spec {

/// The object whose options are read.
struct OptionReader {
  std::string prefix;  ///< Of every message: `stage "thumb": `. May be empty.
  std::string owner;   ///< What has the options: `` `resize` ``.
  const OptionContext& context;
  Diagnostics& diagnostics;
  std::vector<std::string> other_keys = {};  ///< Keys that somebody else reads.
  bool ignores_unknown_keys = false;

  /// Sets the members of `target` that `object` names; the others keep their defaults. False when something was
  /// reported. REQUIRES: `object` holds an object; `place` is its place; `target` fits `params`.
  bool read(const LocatedValue& object, const Place& place, const std::vector<ParamSpec>& params, void* target) const;

  /// Applies the rules over several options. REQUIRES: read() returned true.
  bool check_rules(const LocatedValue& object, const Place& place, const std::vector<ParamSpec>& params,
                   std::span<const OptionRule> rules, const void* target) const;
};

/// `stage "thumb": `, the one form of this prefix.
std::string stage_prefix(std::string_view name);

}  // namespace penstock::spec
