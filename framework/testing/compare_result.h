// A run against what a test expects of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/testing/test_options.h"
#include "penstock/testing/payload_form.h"
#include "penstock/testing/pipeline_runner.h"

namespace penstock::testing {

/// Everything in which they differ, a line each, details on indented lines below it; empty when nothing does. What the
/// test does not mention is not compared, but no item may be lost, and none may fail unless the test says so. `files`
/// are those that the run made, with their contents.
std::vector<std::string> differences(const ExpectOptions& expected, const PipelineResult& result,
                                     const std::map<std::string, std::string>& files,
                                     const std::vector<PayloadForm>& forms);

}  // namespace penstock::testing
