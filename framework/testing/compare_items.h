// The items that a stage gave against those that a test expects.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "framework/testing/test_options.h"
#include "penstock/testing/payload_form.h"
#include "penstock/testing/pipeline_runner.h"

namespace penstock::testing {

/// Each expected item is compared with the most similar one of its key. Lines as of differences(), each beginning with
/// `stage "NAME": `.
std::vector<std::string> compare_items(const std::string& stage, const ExpectedStage& expected,
                                       const std::vector<CollectedItem>& items, const std::vector<PayloadForm>& forms);

}  // namespace penstock::testing
