// Looks up host names on the event loop, without a thread per lookup.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/event_loop.h"
#include "penstock/task.h"
#include "stages/common/ip_address.h"

namespace penstock::stages {

struct ResolverOptions {
  std::vector<std::string> name_servers;  ///< `ADDRESS` or `ADDRESS:PORT`; empty: those of /etc/resolv.conf.
  std::string hosts_file = "/etc/hosts";
  unsigned max_lookups = 128;                  ///< Asked at once: larger bursts overflow the buffers on the way.
  Duration max_age = std::chrono::minutes(5);  ///< The longest that an answer is used; its own TTL may be shorter.
};

/// The answer to a lookup.
struct Resolution {
  enum class Status { found, not_found, no_answer };
  Status status = Status::no_answer;
  std::vector<IpAddress> addresses;  ///< found: at least one, IPv4 first.
  std::string message;               ///< Otherwise: the resolver's own words.
};

/// Asks the name servers over c-ares, whose sockets the loop watches. The hosts file, read once, comes first; names
/// under `localhost` are the loopback addresses (RFC 6761). Lookups of one name at one time share one question, answers
/// are kept for their TTL. It does not know NSS modules (mDNS, LDAP …).
///
/// Thread safety: event-loop thread only, also the constructor, which reads the system's configuration files.
class Resolver {
 public:
  /// Throws std::invalid_argument for a name server that is no address, std::runtime_error when c-ares cannot start.
  explicit Resolver(EventLoop& loop, ResolverOptions options = {});
  /// REQUIRES: nobody waits.
  ~Resolver();

  /// Waits at most `limit`, then says no_answer. A stopped Operation ends the wait at once; the question goes on
  /// without it.
  Task<Resolution> resolve(std::string host, Duration limit);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::stages
