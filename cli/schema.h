// `penstock schema`: the JSON Schema of pipelines of this program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock::cli {

/// Returns the exit code.
int print_schema();

}  // namespace penstock::cli
