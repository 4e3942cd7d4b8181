// The ways in which an HTTP transfer fails, as error codes of the stage that made it: `download.connect` where the
// stage is `download`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "penstock/error.h"
#include "stages/common/error_area.h"

namespace penstock::stages {

/// What an HttpClient throws, by stage. A thrown error may be more or less persistent than its code says in general.
struct HttpErrors {
  ErrorCode bad_url;
  ErrorCode forbidden_scheme;
  ErrorCode forbidden_address;
  ErrorCode resolve;
  ErrorCode connect;
  ErrorCode tls;
  ErrorCode too_slow;
  ErrorCode connection_lost;
  ErrorCode truncated;
  ErrorCode too_large;
  ErrorCode redirects;
  ErrorCode encoding;
  ErrorCode protocol;
  ErrorCode status;   ///< A family: `AREA.http_*`.
  ErrorCode timeout;  ///< Raised by the runtime.

  std::array<ErrorCode, 15> all() const {
    return {bad_url,   forbidden_scheme, forbidden_address, resolve,  connect,  tls,    too_slow, connection_lost,
            truncated, too_large,        redirects,         encoding, protocol, status, timeout};
  }
};

template <Literal Area>
constexpr HttpErrors http_errors() {
  using detail::joined_code;
  constexpr auto kPermanent = Persistence::permanent;
  constexpr auto kTransient = Persistence::transient;
  return {
      .bad_url = joined_code<Area, ".bad_url">("The text is not a URL that can be used here.", kPermanent),
      .forbidden_scheme = joined_code<Area, ".forbidden_scheme">(
          "The URL, or one that it redirects to, has a scheme that is not allowed here.", kPermanent),
      .forbidden_address = joined_code<Area, ".forbidden_address">(
          "The host has no address in the public internet, and `network` is `public`.", kPermanent),
      .resolve = joined_code<Area, ".resolve">("The host name could not be resolved.", kTransient),
      .connect = joined_code<Area, ".connect">("No connection could be made in time.", kTransient),
      .tls = joined_code<Area, ".tls">("The TLS handshake failed, or the server's certificate is not trusted.",
                                       kPermanent),
      .too_slow = joined_code<Area, ".too_slow">(
          "The transfer was slower than `low_speed_limit` for as long as `low_speed_time`.", kTransient),
      .connection_lost =
          joined_code<Area, ".connection_lost">("The connection broke before the answer was complete.", kTransient),
      .truncated = joined_code<Area, ".truncated">("The body is shorter than the server announced.", kTransient),
      .too_large = joined_code<Area, ".too_large">("The body is larger than `max_bytes`.", kPermanent),
      .redirects = joined_code<Area, ".redirects">(
          "The server redirects more often than `max_redirects`, or to nowhere.", kPermanent),
      .encoding = joined_code<Area, ".encoding">("The body is not compressed as the server says.", kPermanent),
      .protocol = joined_code<Area, ".protocol">("The server does not speak HTTP correctly.", kPermanent),
      .status = joined_code<Area, ".http_*">(
          "The server answered with this status. 408, 425, 429 and most of 5xx are transient.", kTransient),
      .timeout = joined_code<Area, ".timeout">("The attempt did not end within the stage's `timeout`.", kTransient),
  };
}

}  // namespace penstock::stages
