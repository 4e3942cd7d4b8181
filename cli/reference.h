// The generated files of the tree, for `./dev docs` and for the test that compares them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace penstock::cli {

/// Path from the root of the tree -> what the file must hold. Reads the pages that are generated in part.
std::map<std::string, std::string> reference_files(const std::string& root);

}  // namespace penstock::cli
