// Which proxy a request goes through, by option or by the environment variables that curl knows.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/proxy.h"

#include <strings.h>

#include <cstdlib>
#include <initializer_list>
#include <utility>

namespace penstock::stages {
namespace {

/// The first variable that is set and not empty, as {name, value}.
std::pair<std::string, std::string> first_of(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return {name, value};
  }
  return {};
}

bool ends_with_domain(std::string_view host, std::string_view domain) {
  while (!domain.empty() && domain.front() == '.') domain.remove_prefix(1);
  if (domain.empty() || host.size() < domain.size()) return false;
  const std::string_view tail = host.substr(host.size() - domain.size());
  if (::strncasecmp(tail.data(), domain.data(), domain.size()) != 0) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace

ProxySettings ProxySettings::from(const std::optional<std::string>& option) {
  ProxySettings settings;
  if (option) {
    settings.http_ = settings.https_ = *option;
    settings.origin_ = "the option `proxy`";
    return settings;
  }
  settings.no_proxy_ = first_of({"no_proxy", "NO_PROXY"}).second;
  if (settings.no_proxy_ == "*") return settings;
  const auto http = first_of({"http_proxy", "all_proxy", "ALL_PROXY"});
  const auto https = first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  settings.http_ = http.second;
  settings.https_ = https.second;
  settings.origin_ = "the environment variable `" + (http.first.empty() ? https.first : http.first) + "`";
  return settings;
}

const std::string& ProxySettings::proxy_for(std::string_view scheme, std::string_view host) const {
  static const std::string kNone;
  const std::string& proxy = scheme == "https" ? https_ : http_;
  if (proxy.empty()) return kNone;
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::string_view rest = no_proxy_;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(", ");
    if (ends_with_domain(host, rest.substr(0, end))) return kNone;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return proxy;
}

}  // namespace penstock::stages
