// The parameters of a file: its `params`, and the values that --set gives them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/spec/located_json.h"

namespace penstock::config {

struct Parameter {
  std::string name;
  Position position = {};
  spec::LocatedValue value;
  bool is_set = false;   ///< By --set.
  bool is_used = false;  ///< Some text names it.
};

/// Reads `params` out of the root object. `given` wins over the defaults in the file; it is read as JSON where the
/// default is not a text. Reports what is wrong with either: names, types, unknown names.
std::vector<Parameter> read_parameters(const spec::LocatedValue& root, const std::map<std::string, std::string>& given,
                                       Diagnostics& out);

/// Reports parameters that no text names: a warning, or an error when --set gave it.
void report_unused(const std::vector<Parameter>& parameters, Diagnostics& out);

}  // namespace penstock::config
