// Follows redirects, hop by hop; what carries a hop is the transport's business.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_client.h"

#include <stdexcept>

#include "stages/common/http_url.h"

namespace penstock::stages {
namespace {

bool is_transient_status(long status) {
  if (status == 408 || status == 425 || status == 429) return true;
  return status >= 500 && status != 501 && status != 505 && status != 508 && status != 511;
}

}  // namespace

HttpClient::HttpClient(EventLoop& loop, const HttpClientOptions& options, const HttpErrors& errors,
                       const MakeHttpTransport& make_transport)
    : errors_(errors),
      transport_(make_transport ? make_transport(loop, options, errors) : make_curl_transport(loop, options, errors)) {}
HttpClient::~HttpClient() = default;

HttpUrl HttpClient::parse(const std::string& text) const {
  try {
    HttpUrl url = HttpUrl::parse(text);
    if (url.is_http()) return url;
    throw ItemError(errors_.forbidden_scheme,
                    "expected a URL with the scheme http or https, got `" + url.scheme + ":` in `" + text + "`");
  } catch (const std::invalid_argument& error) {
    throw ItemError(errors_.bad_url, error.what());
  }
}

Task<HttpResponse> HttpClient::send(HttpRequest request, StageContext& context) {
  const HttpUrl first = parse(request.url);
  HttpUrl url = first;
  for (unsigned redirects = 0;; ++redirects) {
    const HttpHop hop{request, url, url.has_origin_of(first)};
    HttpAnswer answer = co_await transport_->exchange(hop, context);
    if (answer.redirect.empty()) co_return std::move(answer.response);
    // A body is only sent again where the server asks for the same request (RFC 9110, section 15.4).
    if (request.body && answer.response.status != 307 && answer.response.status != 308) {
      co_return std::move(answer.response);
    }
    if (redirects == request.max_redirects) {
      throw ItemError(errors_.redirects, "expected at most " + std::to_string(request.max_redirects) +
                                             " redirects, got one more from " + url.public_text);
    }
    url = parse(answer.redirect);
  }
}

ItemError HttpClient::status_error(const HttpResponse& response) const {
  const std::string status = std::to_string(response.status);
  std::string code(errors_.status.code);
  code.replace(code.size() - 1, 1, status);
  ItemError error(std::move(code), "the server answered " + status + " to " + response.url,
                  is_transient_status(response.status) ? Persistence::transient : Persistence::permanent);
  if (response.retry_after) error.retry_after(*response.retry_after);
  return error;
}

bool is_http_url(std::string_view url) {
  const std::string scheme = scheme_of(url);
  return scheme == "http" || scheme == "https";
}

}  // namespace penstock::stages
