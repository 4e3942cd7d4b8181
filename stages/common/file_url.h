// `file:` URLs: which file they name.
//
//     file:///absolute/path   file://localhost/absolute/path   file:/absolute/path
//     file:relative/path      counts from a folder that the caller gives: our extension, RFC 8089 has none
//
// The path is percent-decoded segment by segment. Query and fragment do not exist: `?` and `#` are part of the name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace penstock::stages {

/// True for `file:` in any case.
bool is_file_url(std::string_view url);

/// The path as written, decoded; relative ones are put behind `base`. `.` and `..` segments are kept as they are.
/// Throws std::invalid_argument that says why when it names another host, or a NUL or an encoded `/` is in a segment.
/// REQUIRES: is_file_url(url).
std::string path_of_file_url(std::string_view url, std::string_view base);

}  // namespace penstock::stages
