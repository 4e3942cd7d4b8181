// What a test file asks for, asked of a PipelineRunner.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/testing/test_file.h"
#include "penstock/pipeline.h"
#include "penstock/testing/payload_form.h"
#include "penstock/testing/pipeline_runner.h"

namespace penstock::testing {

/// Feeds, replaces, injects and collects as the test says. What the pipeline cannot do goes to `out`, each with its
/// place in the test file.
PipelineRunner configure_runner(const TestFile& file, std::size_t test, const Pipeline& pipeline,
                                const std::vector<PayloadForm>& forms, Diagnostics& out);

/// Null when there is none.
const PayloadForm* find_form(const std::vector<PayloadForm>& forms, std::string_view type);

}  // namespace penstock::testing
