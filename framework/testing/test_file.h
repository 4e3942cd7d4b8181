// A `*.test.json`, read and checked as far as that goes without its pipeline.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "framework/spec/located_json.h"
#include "framework/testing/test_options.h"

namespace penstock::testing {

struct TestFile {
  std::string path;  ///< As the user named it.
  TestFileOptions options;
  spec::LocatedValue root;  ///< For the places of later errors.
};

/// Throws ConfigError with everything that is wrong.
TestFile load_test_file(const std::string& path);

}  // namespace penstock::testing
