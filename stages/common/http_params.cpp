// The options that every stage with an HTTP client has.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_params.h"

#include <strings.h>

#include <algorithm>
#include <stdexcept>

#include "stages/common/http_url.h"
#include "stages/common/ip_address.h"

namespace penstock::stages {
namespace {

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [kSymbols](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kSymbols.find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

void check_headers(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_token(name))
      throw OptionError("option.value", "`" + name + "` is not the name of a header", {}, "/headers");
    if (has_control_character(value)) {
      throw OptionError("option.value", "the header `" + name + "` holds a control character", {}, "/headers");
    }
    for (const char* own : {"Content-Length", "Transfer-Encoding", "Connection", "Expect"}) {
      if (::strcasecmp(name.c_str(), own) == 0) {
        throw OptionError("option.value", "the header `" + name + "` is set by the transfer itself", "remove it",
                          "/headers");
      }
    }
  }
}

void check_name_servers(const std::vector<std::string>& servers) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    std::string_view address = servers[i];
    const bool is_plain_v6 = std::count(address.begin(), address.end(), ':') > 1 && !address.starts_with('[');
    const std::size_t colon = is_plain_v6 ? std::string_view::npos : address.rfind(':');
    if (colon != std::string_view::npos && (!address.starts_with('[') || address[colon - 1] == ']')) {
      address = address.substr(0, colon);
    }
    if (!IpAddress::parse(address)) {
      throw OptionError("option.value",
                        "expected the address of a name server such as \"192.0.2.1\", got \"" + servers[i] + "\"", {},
                        "/name_servers/" + std::to_string(i));
    }
  }
}

void check_proxy(const HttpParams& params) {
  const ProxySettings proxy = ProxySettings::from(params.proxy);
  if (!proxy.any()) return;
  if (params.network == Network::public_internet && !params.proxy_trusted) {
    throw OptionError(
        "option.conflict",
        "expected no proxy with `network: \"public\"`, got one from " + proxy.origin() +
            ": behind a proxy the address that is really connected to cannot be checked",
        "set `proxy_trusted` if the proxy itself refuses private addresses, `proxy` to \"\" to go without "
        "one, or `network` to \"any\"",
        "/network");
  }
}

}  // namespace

HttpClientOptions HttpParams::client_options() const {
  return {.network = network,
          .proxy = ProxySettings::from(proxy),
          .name_servers = name_servers,
          .connect_timeout = connect_timeout,
          .low_speed_limit = low_speed_limit,
          .low_speed_time = low_speed_time,
          .per_host = per_host,
          .verify_tls = verify_tls,
          .user_agent = user_agent};
}

void check_http_params(const HttpParams& params, bool may_use_http) {
  check_headers(params.headers);
  if (has_control_character(params.user_agent)) {
    throw OptionError("option.value", "the user agent holds a control character", {}, "/user_agent");
  }
  check_name_servers(params.name_servers);
  if (params.proxy && !params.proxy->empty()) {
    try {
      const std::size_t scheme = params.proxy->find("://");
      HttpUrl::parse("http://" + (scheme == std::string::npos ? *params.proxy : params.proxy->substr(scheme + 3)));
    } catch (const std::invalid_argument&) {
      throw OptionError("option.value", "expected the URL of a proxy, got \"" + *params.proxy + "\"", {}, "/proxy");
    }
  }
  if (may_use_http) check_proxy(params);
}

}  // namespace penstock::stages
