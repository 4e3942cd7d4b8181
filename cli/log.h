// The program's log: lines on standard error, above the progress.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace penstock::cli {

class ProgressDisplay;

/// `level`: debug, info, warning, error or off. `display` must outlive the logger. Control characters are escaped.
std::shared_ptr<spdlog::logger> make_logger(ProgressDisplay& display, const std::string& level);

}  // namespace penstock::cli
