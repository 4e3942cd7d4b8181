// `penstock check`: finds every mistake in pipeline files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "cli/command_line.h"

namespace penstock::cli {

/// Checks every file, also after one with errors. Writes what is fine to `out`, errors to standard error. Returns the
/// exit code.
int check_pipelines(const CheckArguments& arguments, std::ostream& out);

}  // namespace penstock::cli
