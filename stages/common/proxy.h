// Which proxy a request goes through, by option or by the environment variables that curl knows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/export.h"

namespace penstock::stages {

/// The proxies of one stage, fixed when it opens.
///
/// Without an option: `http_proxy` (lower case only, since CGI programs get `HTTP_PROXY` from a request header),
/// `https_proxy`, `HTTPS_PROXY`, then `all_proxy`, `ALL_PROXY`; hosts in `no_proxy` or `NO_PROXY` (comma-separated,
/// each with everything below it; `*` for all) go without. The option wins over the environment; an empty one means
/// none.
class PENSTOCK_API ProxySettings {
 public:
  ProxySettings() = default;
  static ProxySettings from(const std::optional<std::string>& option);

  /// Empty: none. `scheme` is "http" or "https".
  const std::string& proxy_for(std::string_view scheme, std::string_view host) const;
  /// Some request may go through a proxy.
  bool any() const { return !http_.empty() || !https_.empty(); }
  /// The variable or option that asks for one, for messages.
  const std::string& origin() const { return origin_; }

 private:
  std::string http_;
  std::string https_;
  std::string no_proxy_;
  std::string origin_;
};

}  // namespace penstock::stages
