// The photos that the benchmarks work on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace penstock::bench {

/// The JPEG photos of configs/samples, by name. REQUIRES: the program runs at the top of the repository, as `./dev
/// bench` has it. Throws std::runtime_error when there are none.
std::vector<std::filesystem::path> sample_photos();

}  // namespace penstock::bench
