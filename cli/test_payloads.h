// How the payloads of the built-in stages are written in test files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "penstock/testing/payload_form.h"

namespace penstock::cli {

/// Those of the framework, `json` (its value), and `encoded_image`: made of the bytes of an image file; its JSON is
/// `{"format": "jpeg", "width": 640, "height": 480}`, width and height as shown.
std::vector<testing::PayloadForm> payload_forms();

}  // namespace penstock::cli
