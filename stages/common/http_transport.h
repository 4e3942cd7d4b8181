// What carries one request to a server and its answer back: the seam at which HTTP can be recorded and replayed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "penstock/export.h"
#include "penstock/option_codec.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"
#include "stages/common/http_errors.h"
#include "stages/common/http_message.h"
#include "stages/common/http_url.h"
#include "stages/common/make_http_transport.h"
#include "stages/common/proxy.h"

namespace penstock::stages {

/// Which addresses may be connected to.
enum class Network {
  public_internet,  ///< Global unicast only: what reserved_range() names is refused.
  any,
};
constexpr std::array<Name<Network>, 2> names_of(Network) {
  return {{{Network::public_internet, "public"}, {Network::any, "any"}}};
}

/// What all requests of one client have in common.
struct HttpClientOptions {
  Network network = Network::public_internet;
  ProxySettings proxy;
  std::vector<std::string> name_servers;
  Duration connect_timeout = std::chrono::seconds(10);  ///< Name lookup included; for each hop.
  ByteSize low_speed_limit{1};                          ///< Bytes per second; 0: no limit.
  Duration low_speed_time = std::chrono::seconds(60);
  unsigned per_host = 0;  ///< Transfers at once to one host and port; 0: no limit.
  bool verify_tls = true;
  std::string user_agent;
};

/// One request to one URL; redirects are the client's business.
struct HttpHop {
  const HttpRequest& request;
  const HttpUrl& url;      ///< Not `request.url` after a redirect.
  bool sends_credentials;  ///< False: of the headers only `Accept…` is sent.
};

/// What one hop gave.
struct HttpAnswer {
  HttpResponse response;
  std::string redirect;  ///< Where a redirect leads, as an absolute URL; empty when the answer is none.
};

/// Thread safety: event-loop thread only, destructor too.
class PENSTOCK_API HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// What `hop` refers to lives until the task ends. Throws ItemError with one of the client's codes, and
  /// OperationCancelled. Memory for the body is reserved before it is allocated.
  virtual Task<HttpAnswer> exchange(HttpHop hop, StageContext& context) = 0;
};

/// The one that connects to servers. One connection pool under one network policy: a connection that one policy opened
/// is never used by another, since transports share nothing.
///
/// Names are resolved by a Resolver, checked, and given to curl, which never looks up a name itself; the address that a
/// socket is really opened to is checked once more. Through a proxy (which then is trusted) the proxy resolves names.
PENSTOCK_API std::unique_ptr<HttpTransport> make_curl_transport(EventLoop& loop, const HttpClientOptions& options,
                                                                const HttpErrors& errors);

}  // namespace penstock::stages
