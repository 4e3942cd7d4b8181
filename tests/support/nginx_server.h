// A real nginx on a loopback port of its own, with faults written in Lua.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace penstock::testing {

/// Runs nginx from the constructor to the destructor. Its port is bound before nginx starts and handed over, so that it
/// is free for sure and connections wait for nginx rather than fail.
///
/// Thread safety: the members are const.
class NginxServer {
 public:
  /// `locations` goes into the `server` block; `http` beside it. The root is the folder `www`. With `tls` the server
  /// speaks TLS only, and HTTP/2 to those who offer it.
  explicit NginxServer(std::string_view locations, std::string_view http = {},
                       const std::optional<TlsFiles>& tls = std::nullopt);
  NginxServer(const NginxServer&) = delete;
  NginxServer& operator=(const NginxServer&) = delete;
  ~NginxServer();

  /// `http://127.0.0.1:PORT` and the path, with TLS `https:`.
  std::string url(std::string_view path) const;
  int port() const { return port_; }
  const TempDir& folder() const { return folder_; }
  /// The access log up to now: one `METHOD URI STATUS PROTOCOL CONNECTION` line per request.
  std::string log() const;

 private:
  TempDir folder_;
  const std::string scheme_;
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace penstock::testing
