// `penstock schema`: the JSON Schema of pipelines of this program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

namespace penstock::cli {

/// Writes it to `out`. Returns the exit code.
int print_schema(std::ostream& out);

}  // namespace penstock::cli
