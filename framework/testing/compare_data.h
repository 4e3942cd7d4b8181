// Payloads, files and JSON against what a test expects of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/testing/test_options.h"
#include "penstock/payload.h"
#include "penstock/testing/payload_form.h"

namespace penstock::testing {

/// `expected E, got G`.
std::string expected_got(std::string_view expected, std::string_view got);

/// What does not hold, a line each: `sha256: expected …, got …`.
std::vector<std::string> compare_payload(const ExpectedData& expected, const Payload& payload,
                                         const std::vector<PayloadForm>& forms);
/// The same for bytes of which no more is known.
std::vector<std::string> compare_bytes(const ExpectedData& expected, std::string_view data);

/// 64 hexadecimal digits.
std::string sha256(std::string_view data);

}  // namespace penstock::testing
