// Small files as they are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace penstock::testing {

/// The first `most` bytes of a file. Throws std::system_error with the system's words.
std::string read_file(const std::filesystem::path& path, std::size_t most = SIZE_MAX);

/// Makes the file and its folders. Throws std::system_error.
void write_file(const std::filesystem::path& path, std::string_view data);

}  // namespace penstock::testing
