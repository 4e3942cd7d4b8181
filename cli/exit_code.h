// Exit codes of the program. When several apply, the first in this order wins: configuration, signal, aborted, failed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock::cli {

inline constexpr int kAllDone = 0;
inline constexpr int kSomeFailed = 1;
inline constexpr int kConfiguration = 2;  ///< Wrong usage, or a pipeline with errors.
inline constexpr int kAborted = 3;        ///< The run was aborted, or a report or standard output could not be written.
inline constexpr int kSignalBase = 128;   ///< Plus the signal: 130 for SIGINT, 143 for SIGTERM.

}  // namespace penstock::cli
