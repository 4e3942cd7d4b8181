// The error codes of configurations, for the reference pages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace penstock::config {

/// Every code that a Diagnostic of the framework or of a built-in stage may have, and what it means; sorted. A test
/// compares it with the sources.
const std::vector<std::pair<std::string, std::string>>& config_codes();

}  // namespace penstock::config
