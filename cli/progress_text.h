// What progress looks like: pure functions from a snapshot to text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "penstock/run_report.h"

namespace penstock::cli {

struct ProgressView {
  std::string pipeline;
  double items_per_second = 0;  ///< Lately.
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// The lines of the live block, none of them wider than the terminal, fewer than it has rows.
std::vector<std::string> progress_block(const Progress& progress, const ProgressView& view);

/// The same in one line, for logs.
std::string progress_line(const Progress& progress, const ProgressView& view);

/// "3.2 s", "4 min 10 s", "2 h 5 min", "3 d 4 h".
std::string short_duration(double seconds);

/// "950", "12.3", "0.25": three digits are enough for a rate.
std::string short_number(double value);

}  // namespace penstock::cli
