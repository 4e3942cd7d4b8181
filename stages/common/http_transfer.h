// One request and its answer on one connection: a single hop, redirects unfollowed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/error.h"
#include "penstock/memory.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"
#include "stages/common/curl_multi.h"
#include "stages/common/http_transport.h"
#include "stages/common/http_url.h"

namespace penstock::stages {

/// Where a hop connects to.
struct HttpRoute {
  std::string pinned;  ///< `+HOST:PORT:ADDRESS[,ADDRESS]` for CURLOPT_RESOLVE; empty for literal addresses.
  std::string proxy;   ///< Empty: none.
  Duration connect_timeout{};
};

/// Lives in the coroutine that awaits it; its end, whatever the reason, ends the transfer. Event-loop thread only.
class HttpTransfer final : private CurlMulti::Listener {
 public:
  HttpTransfer(CurlMulti& multi, const HttpClientOptions& options, const HttpErrors& errors, const HttpRequest& request,
               const HttpUrl& url, const HttpRoute& route, bool sends_credentials);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;
  ~HttpTransfer();

  /// Runs to the end of the answer. Throws ItemError, OperationCancelled.
  Task<HttpResponse> run(StageContext& context);

  /// Where a redirect leads, as an absolute URL; empty when the answer was none.
  std::string redirect_url() const;

 private:
  /// What libcurl's result means.
  struct Failure {
    const ErrorCode& code;
    std::string what;
    Persistence persistence;
  };

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* data, curlsocktype purpose, curl_sockaddr* address);

  void on_done(CURLcode result) override;
  void on_notice() override;

  void set_options(const HttpRequest& request, const HttpUrl& url, const HttpRoute& route, bool sends_credentials);
  void set_security(const HttpRoute& route);
  std::size_t take_header(std::string_view line);
  std::size_t take_body(std::string_view chunk);
  long status() const;
  std::optional<std::uint64_t> announced_bytes() const;
  void wake();
  [[noreturn]] void throw_failure(CURLcode result) const;
  Failure failure_of(CURLcode result) const;
  void check_result(CURLcode result) const;
  HttpResponse take_response();

  CurlMulti& multi_;
  const HttpClientOptions& options_;
  const HttpErrors& errors_;
  const std::uint64_t max_bytes_;
  const bool keeps_body_;
  const std::string url_;    // For messages.
  const std::string where_;  // `host:port`, for messages.
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  curl_slist* pinned_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_ = {};

  std::string body_;
  MemoryCharge charge_;
  std::uint64_t wanted_ = 0;  // Capacity that curl waits for; 0: it does not wait.
  std::uint64_t header_bytes_ = 0;
  std::uint64_t discarded_bytes_ = 0;
  bool is_encoded_ = false;
  bool is_too_large_ = false;
  bool is_cut_ = false;  // We ended it ourselves; the head of the answer is all that was wanted.
  bool has_header_bomb_ = false;
  std::string refused_;  // The address that the guard refused, with its range.

  bool is_done_ = false;
  CURLcode result_ = CURLE_OK;
  Completion<>* event_ = nullptr;  // What run() waits for.
};

}  // namespace penstock::stages
