// What a run gave against a case's expect.json:
//
//     {
//       "outcome": "completed",
//       "items": {"admitted": 3, "done": 2, "failed": 1},
//       "errors": [{"stage": "download", "code": "download.file_not_found", "count": 1}],
//       "failures": [{"key": "b", "stage": "download", "code": "…", "attempts": 1}],
//       "abort": {"stage": "urls", "code": "input.not_text"},
//       "stages": {"download": {"in": 3, "out": 2}},
//       "files": {"a.txt": "its text", "b.jpg": {"bytes": 12}, "c.jpg": {"sha256": "…"}}
//     }
//
// `outcome` is `completed` when left out, a count of `items` 0, and `errors`, `abort` and `files` (all below `out/`)
// none. `failures` and the counts of `stages` are compared where they are given. The order of lists does not matter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "penstock/run_report.h"

namespace penstock::cases {

/// Everything in which the run differs from what is expected, a line each; empty when nothing does. `files` are those
/// that it made, with their contents. Also finds items that are not accounted for, which is never expected.
std::string differences(const nlohmann::json& expected, const RunReport& report,
                        const std::vector<FailureRecord>& failures, const std::map<std::string, std::string>& files);

}  // namespace penstock::cases
