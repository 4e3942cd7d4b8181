// The options that every stage with an HTTP client has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/stage_spec.h"
#include "stages/common/http_transport.h"

namespace penstock::stages {

struct HttpParams {
  Network network = Network::public_internet;
  std::optional<std::string> proxy;
  bool proxy_trusted = false;
  std::vector<std::string> name_servers;
  Duration connect_timeout = std::chrono::seconds(10);
  ByteSize low_speed_limit{1};
  Duration low_speed_time = std::chrono::seconds(60);
  unsigned per_host = 0;
  unsigned max_redirects = 10;
  bool verify_tls = true;
  std::string user_agent = "penstock";
  HttpHeaders headers;
  MakeHttpTransport transport;  ///< No option: comes with the declaration.

  HttpClientOptions client_options() const;
};

/// Rules over the options together. `may_use_http` is false when every URL is known to be of another scheme. Throws
/// OptionError.
void check_http_params(const HttpParams& params, bool may_use_http);

/// The declaration with `transport` in its options struct, `Params`. An empty one changes nothing.
template <class Params>
StageSpec with_transport(StageSpec spec, const MakeHttpTransport& transport) {
  if (transport) {
    spec.make_params = [transport]() -> std::shared_ptr<void> {
      auto params = std::make_shared<Params>();
      params->transport = transport;
      return params;
    };
  }
  return spec;
}

/// Declares the options of HttpParams, of which `Params` is derived.
template <class S, class Params>
void describe_http_params(StageDescription<S, Params>& stage) {
  const auto of = []<class T>(T HttpParams::*member) { return static_cast<T Params::*>(member); };
  constexpr double kHour = 3600e9;  // Nanoseconds.
  stage
      .param(of(&HttpParams::network), "network",
             "`public` connects to addresses of the public internet only, for every redirect too; `any` also to "
             "private ones and this machine.")
      .param(of(&HttpParams::proxy), "proxy",
             "Proxy URL; an empty text for none. Without it the environment decides, as with curl (`http_proxy`, "
             "`https_proxy`, `all_proxy`, `no_proxy`).")
      .param(of(&HttpParams::proxy_trusted), "proxy_trusted",
             "The proxy itself keeps requests within the public internet: allows one under `network: \"public\"`.")
      .param(of(&HttpParams::name_servers), "name_servers",
             "Addresses of the name servers to ask, each with an optional `:port`. Empty: those of the system.")
      .param(of(&HttpParams::connect_timeout), "connect_timeout",
             "Longest time to look up a name, connect and finish the TLS handshake.", between(1e6, kHour))
      .param(of(&HttpParams::low_speed_limit), "low_speed_limit",
             "A transfer that stays below so much per second for `low_speed_time` fails; 0 turns this off.")
      .param(of(&HttpParams::low_speed_time), "low_speed_time", "See `low_speed_limit`.", between(1e9, 24 * kHour))
      .param(of(&HttpParams::per_host), "per_host",
             "Most transfers at once to one host and port; 0 leaves it to `concurrency`.", between(0, 100'000))
      .param(of(&HttpParams::max_redirects), "max_redirects", "Most redirects that one request follows.",
             between(0, 100))
      .param(of(&HttpParams::verify_tls), "verify_tls", "Refuse servers whose certificate is not trusted.")
      .param(of(&HttpParams::user_agent), "user_agent", "The `User-Agent` header.", at_most(1000))
      .param(of(&HttpParams::headers), "headers",
             "Further request headers, by name. After a redirect to another host only `Accept…` headers are sent.")
      .secret();
}

}  // namespace penstock::stages
