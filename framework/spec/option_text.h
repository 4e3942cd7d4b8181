// Options in words: one row per option, also for the keys within an option, for the terminal and the reference pages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "penstock/option_type.h"

namespace penstock::spec {

/// "integer, 0 to 65535", "one of inside, stretch", "duration, at least 1 ms", "list of text".
std::string type_text(const OptionType& type);

struct OptionRow {
  std::string name;  ///< "width"; within an option "retry.attempts", "ports[].when", "headers.*".
  std::string type;
  std::string default_value;  ///< As JSON; empty when there is none.
  std::string doc;
  bool is_required = false;
  bool is_secret = false;
};

/// In the order of the declaration. `defaults` is the options struct with its initialisers, or null.
std::vector<OptionRow> option_rows(const std::vector<ParamSpec>& params, const void* defaults);

}  // namespace penstock::spec
