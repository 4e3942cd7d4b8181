// The report of a run, and its failures, as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "penstock/run_report.h"

namespace penstock::cli {

nlohmann::ordered_json report_json(const RunReport& report);

/// One line, without its end.
std::string failure_line(const FailureRecord& failure);

/// As text. Bytes that are no UTF-8 are replaced by U+FFFD: keys come from anywhere.
std::string dump(const nlohmann::ordered_json& json, int indent);

}  // namespace penstock::cli
