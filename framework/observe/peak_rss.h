// How much memory this process has held at most.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace penstock::observe {

/// Peak of the resident set in bytes, since the program began to run. Thread safety: any thread.
std::uint64_t peak_rss_bytes();

}  // namespace penstock::observe
