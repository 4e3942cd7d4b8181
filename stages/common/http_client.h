// HTTP and HTTPS for stages: bounded, cancellable, with the network policy checked for every hop.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/export.h"
#include "penstock/memory.h"
#include "penstock/option_codec.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"
#include "stages/common/http_errors.h"
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

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

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

struct HttpResponse {
  long status = 0;
  std::string url;           ///< Where the answer came from, after redirects; without user name and password.
  std::string content_type;  ///< Empty when the server names none.
  std::string body;          ///< Decompressed; of a success (2xx) only.
  MemoryCharge charge;       ///< For the capacity of `body`.
  std::optional<std::chrono::seconds> retry_after;

  bool is_success() const { return status >= 200 && status < 300; }
};

/// One connection pool under one network policy: a connection that one policy opened is never used by another, since
/// clients share nothing.
///
/// Redirects are followed here, hop by hop: each is checked like a URL of the first hand. Credentials (every header of
/// the request but `Accept…`) go to the first origin only. Names are resolved by a Resolver, checked, and given to
/// curl, which never looks up a name itself; the address that a socket is really opened to is checked once more.
/// Through a proxy (which then is trusted) the proxy resolves names.
///
/// Thread safety: event-loop thread only, constructor and destructor too.
class PENSTOCK_API HttpClient {
 public:
  /// `errors` are the codes of the stage that owns the client.
  HttpClient(EventLoop& loop, HttpClientOptions options, const HttpErrors& errors);
  /// Closes all connections. REQUIRES: no request is under way.
  ~HttpClient();

  /// The answer, whatever its status. Throws ItemError with one of the codes, and OperationCancelled when the
  /// operation stops: the connection is then closed at once. Memory for the body is reserved before it is allocated;
  /// the transfer pauses meanwhile.
  Task<HttpResponse> send(HttpRequest request, StageContext& context);

  /// The failure that a status stands for, with the server's `Retry-After`.
  ItemError status_error(const HttpResponse& response) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// True for `http://` and `https://` in any case.
PENSTOCK_API bool is_http_url(std::string_view url);

}  // namespace penstock::stages
