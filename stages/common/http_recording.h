// HTTP that was recorded once and is replayed for ever.
//
// The file:
//
//     { "description": "…",
//       "exchanges": [
//         { "method": "GET", "url": "https://example.org/a.jpg", "status": 200, "content_type": "image/jpeg",
//           "body": {"text": "…"} | {"base64": "…"} | {"file": "a.jpg"}, "after": "120 ms" },
//         { "method": "PUT", "url": "…", "request_sha256": "…", "status": 503, "retry_after": "5 s" },
//         { "method": "GET", "url": "…", "status": 302, "redirect": "https://…" },
//         { "method": "GET", "url": "…", "fail": "connect", "message": "…", "transient": true } ] }
//
// `fail` is an error code without its area, `connect` of `download.connect`. Files count from the recording's folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/error.h"
#include "penstock/export.h"
#include "penstock/units.h"
#include "stages/common/make_http_transport.h"

namespace penstock::stages {

/// One request and what came of it.
struct HttpExchange {
  std::string method = "GET";
  std::string url;                            ///< Normal form, without user name and password.
  std::optional<std::string> request_sha256;  ///< Of the body that was sent; none: any.
  Duration after = {};                        ///< From the request to the answer.
  long status = 0;                            ///< 0: `fail` says what happened instead.
  std::string content_type;
  std::string body;  ///< Decompressed.
  std::optional<std::chrono::seconds> retry_after;
  std::string redirect;
  std::string fail;
  std::string message;
  Persistence persistence = Persistence::permanent;
};

/// Thread safety: add() from any thread; everything else when nothing records.
class PENSTOCK_API HttpRecording {
 public:
  HttpRecording() = default;
  explicit HttpRecording(std::vector<HttpExchange> exchanges) : exchanges_(std::move(exchanges)) {}

  /// Throws std::runtime_error that names the file and the place.
  static std::shared_ptr<const HttpRecording> load(const std::string& path);
  /// The exchanges sorted by URL, those of one URL in the order in which they were made. Throws std::system_error.
  void save(const std::string& path) const;

  void add(HttpExchange exchange);
  const std::vector<HttpExchange>& exchanges() const { return exchanges_; }

 private:
  std::mutex mutex_;
  std::vector<HttpExchange> exchanges_;
};

/// Answers from the recording and never connects. Several exchanges for one request answer in turn, the last of them
/// all further ones; each stage of each run begins anew. A request that is not recorded fails its item as
/// `stage.exception`, with what is recorded for its host. Size limits, status errors and redirects work as ever; names
/// and addresses are not looked at, headers are not compared.
PENSTOCK_API MakeHttpTransport replay_http(std::shared_ptr<const HttpRecording> recording);

/// Connects by curl and adds every exchange to the recording. Headers of requests are not recorded.
PENSTOCK_API MakeHttpTransport record_http(std::shared_ptr<HttpRecording> recording);

}  // namespace penstock::stages
