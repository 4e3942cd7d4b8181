// HTTP and HTTPS for stages: bounded, cancellable, with the network policy checked for every hop.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "penstock/export.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"
#include "stages/common/http_errors.h"
#include "stages/common/http_message.h"
#include "stages/common/http_transport.h"

namespace penstock::stages {

/// Redirects are followed here, hop by hop: each is checked like a URL of the first hand. Credentials (every header of
/// the request but `Accept…`) go to the first origin only.
///
/// Thread safety: event-loop thread only, constructor and destructor too.
class PENSTOCK_API HttpClient {
 public:
  /// `errors` are the codes of the stage that owns the client.
  HttpClient(EventLoop& loop, const HttpClientOptions& options, const HttpErrors& errors,
             const MakeHttpTransport& make_transport = {});
  /// Closes all connections. REQUIRES: no request is under way.
  ~HttpClient();

  /// The answer, whatever its status. Throws ItemError with one of the codes, and OperationCancelled when the
  /// operation stops: the connection is then closed at once. Memory for the body is reserved before it is allocated;
  /// the transfer pauses meanwhile.
  Task<HttpResponse> send(HttpRequest request, StageContext& context);

  /// The failure that a status stands for, with the server's `Retry-After`.
  ItemError status_error(const HttpResponse& response) const;

 private:
  HttpUrl parse(const std::string& text) const;

  const HttpErrors errors_;
  const std::unique_ptr<HttpTransport> transport_;
};

/// True for `http://` and `https://` in any case.
PENSTOCK_API bool is_http_url(std::string_view url);

}  // namespace penstock::stages
