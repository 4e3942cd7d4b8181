// Which test files are meant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace penstock::cli {

/// Files as they are; of folders every `*.test.json` in or below them, sorted. Throws std::invalid_argument for a
/// folder that has none or cannot be read.
std::vector<std::string> find_test_files(const std::vector<std::string>& paths);

}  // namespace penstock::cli
