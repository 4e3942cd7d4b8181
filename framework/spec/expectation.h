// What an option accepts, in words: the "expected ..." of error messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "penstock/option_type.h"

namespace penstock::spec {

/// `an integer from 0 to 65535`, `a duration such as "15 s", at least 1 ms`, `one of "inside", "cover"`.
std::string expectation(const OptionType& type);

}  // namespace penstock::spec
