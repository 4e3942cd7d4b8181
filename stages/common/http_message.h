// Requests and answers of HTTP.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/memory.h"

namespace penstock::stages {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// One request of a stage, to be followed through redirects.
struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers;
  std::optional<std::string_view> body;  ///< REQUIRES: lives until the answer is there.
  unsigned max_redirects = 10;
  std::uint64_t max_bytes = UINT64_MAX;  ///< Of the body, decompressed.
  bool accepts_compressed = true;
  bool keeps_body = true;  ///< False: a body is read and thrown away.
};

/// The answer to it, whatever its status.
struct HttpResponse {
  long status = 0;
  std::string url;           ///< Where the answer came from, after redirects; without user name and password.
  std::string content_type;  ///< Empty when the server names none.
  std::string body;          ///< Decompressed; of a success (2xx) only.
  MemoryCharge charge;       ///< For the capacity of `body`.
  std::optional<std::chrono::seconds> retry_after;

  bool is_success() const { return status >= 200 && status < 300; }
};

}  // namespace penstock::stages
