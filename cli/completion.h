// `penstock completion`: scripts for the shells, made from the declarations of the command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <iosfwd>
#include <string>

namespace penstock::cli {

/// REQUIRES: `shell` is bash, zsh or fish. Writes the script to `out`. Returns the exit code.
int print_completion(const CLI::App& app, const std::string& shell, std::ostream& out);

}  // namespace penstock::cli
