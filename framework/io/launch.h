// What the two sides of a launch have agreed on: see launch.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock::io {

/// Where the launching program reports, as an int, the error that kept it from executing another one.
inline constexpr int kReportDescriptor = 3;
/// Its exit code then.
inline constexpr int kNotExecuted = 127;

}  // namespace penstock::io
