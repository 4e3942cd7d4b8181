// How payloads are written in test files, and shown when they are not as expected.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "penstock/payload.h"

namespace penstock::testing {

/// What a test file says of a payload.
struct PayloadParts {
  std::optional<std::string> data;  ///< Bytes, as a file has them.
  std::optional<std::string> json;  ///< JSON text.
};

/// One payload type. Functions may be empty: the type then has no such form.
struct PayloadForm {
  const PayloadType* type = nullptr;
  /// Throws std::invalid_argument that says which parts it wants.
  std::function<Payload(const PayloadParts&)> make;
  std::function<std::string(const Payload&)> data;  ///< What digests and texts are taken of.
  std::function<std::string(const Payload&)> json;  ///< JSON text that says what there is to know.
};

/// Those of the framework's own types: none, integer (JSON), text and bytes (data).
std::vector<PayloadForm> framework_payload_forms();

}  // namespace penstock::testing
