// `penstock schema`: the JSON Schema of pipelines of this program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "cli/command_line.h"

namespace penstock::cli {

/// Writes it to `out`. Returns the exit code.
int print_schema(const SchemaArguments& arguments, std::ostream& out);

}  // namespace penstock::cli
