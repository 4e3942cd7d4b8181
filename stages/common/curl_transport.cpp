// HTTP and HTTPS by libcurl: where each hop connects to is decided and checked here.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <list>
#include <unordered_map>
#include <utility>

#include "stages/common/curl_multi.h"
#include "stages/common/http_transfer.h"
#include "stages/common/http_transport.h"
#include "stages/common/resolver.h"

namespace penstock::stages {
namespace {

/// Bounds the transfers at once to each host and port; those above wait in the order in which they came.
class HostSlots {
 public:
  HostSlots(EventLoop& loop, unsigned limit) : loop_(loop), limit_(limit) {}

  Task<void> take(std::string host) {
    if (limit_ == 0) co_return;
    Host& entry = hosts_[host];
    if (entry.used < limit_ && entry.waiters.empty()) {
      ++entry.used;
      co_return;
    }
    Completion<> granted;
    const auto place = entry.waiters.insert(entry.waiters.end(), &granted);
    granted.on_cancel([this, host, place] { hosts_.at(host).waiters.erase(place); });
    co_await granted;
  }

  void give_back(const std::string& host) {
    if (limit_ == 0) return;
    // Posted: the next one must not run inside the destructor of this one.
    loop_.post([alive = std::weak_ptr<int>(alive_), this, host] {
      if (alive.expired()) return;
      Host& entry = hosts_.at(host);
      if (!entry.waiters.empty()) {
        Completion<>* const next = entry.waiters.front();
        entry.waiters.pop_front();
        next->complete(true);
        return;
      }
      if (--entry.used == 0) hosts_.erase(host);
    });
  }

 private:
  struct Host {
    unsigned used = 0;
    std::list<Completion<>*> waiters;
  };
  EventLoop& loop_;
  const unsigned limit_;
  std::unordered_map<std::string, Host> hosts_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

/// A slot that is given back by its destructor.
struct HeldSlot {
  HostSlots& slots;
  std::string host;
  bool is_held = false;
  ~HeldSlot() {
    if (is_held) slots.give_back(host);
  }
};

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

HttpUrl parse_proxy(const std::string& proxy) {
  const bool has_scheme = proxy.find("://") != std::string::npos;
  const std::string rest = has_scheme ? proxy.substr(proxy.find("://") + 3) : proxy;
  HttpUrl url = HttpUrl::parse("http://" + rest);
  if (rest.find_last_of(':') == std::string::npos || rest.find_last_of(':') < rest.find_last_of(']') + 1) {
    url.port = "1080";  // curl's own default.
  }
  return url;
}

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(EventLoop& loop, const HttpClientOptions& options, const HttpErrors& errors)
      : loop_(loop),
        options_(options),
        errors_(errors),
        resolver_(loop, {.name_servers = options_.name_servers}),
        slots_(loop, options_.per_host),
        multi_(loop) {}

  /// On a slot of its host.
  Task<HttpAnswer> exchange(HttpHop hop, StageContext& context) override {
    HeldSlot slot{slots_, hop.url.host + ":" + hop.url.port};
    co_await slots_.take(slot.host);
    slot.is_held = true;
    HttpRoute route = co_await route_to(hop.url);
    HttpTransfer transfer(multi_, options_, errors_, hop.request, hop.url, route, hop.sends_credentials);
    HttpAnswer answer;
    answer.response = co_await transfer.run(context);
    if (is_redirect(answer.response.status)) answer.redirect = transfer.redirect_url();
    co_return answer;
  }

 private:
  Task<HttpRoute> route_to(const HttpUrl& url) {
    HttpRoute route;
    route.connect_timeout = options_.connect_timeout;
    route.proxy = options_.proxy.proxy_for(url.scheme, url.host);
    HttpUrl peer = url;
    if (!route.proxy.empty()) peer = parse_proxy(route.proxy);
    const bool is_guarded = options_.network == Network::public_internet && route.proxy.empty();
    if (peer.address) {
      if (is_guarded) check_address(*peer.address, peer.host);
      co_return route;
    }
    const TimePoint start = loop_.now();
    std::vector<IpAddress> addresses = co_await look_up(peer.host);
    if (is_guarded) keep_public(addresses, peer.host);
    route.connect_timeout =
        std::max<Duration>(options_.connect_timeout - (loop_.now() - start), std::chrono::milliseconds(1));
    route.pinned = "+" + peer.host + ":" + peer.port + ":";
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const std::string text = addresses[i].to_string();
      route.pinned += (i == 0 ? "" : ",") + (addresses[i].is_v6 ? "[" + text + "]" : text);
    }
    co_return route;
  }

  Task<std::vector<IpAddress>> look_up(std::string host) {
    Resolution resolution = co_await resolver_.resolve(host, options_.connect_timeout);
    if (resolution.status != Resolution::Status::found) {
      const bool is_certain = resolution.status == Resolution::Status::not_found;
      throw ItemError(std::string(errors_.resolve.code), "no address for `" + host + "`: " + resolution.message,
                      is_certain ? Persistence::permanent : Persistence::transient);
    }
    co_return std::move(resolution.addresses);
  }

  void check_address(const IpAddress& address, const std::string& host) const {
    const std::string_view range = reserved_range(address);
    if (range.empty()) return;
    throw ItemError(errors_.forbidden_address, "`" + host + "` leads to " + address.to_string() + ": " +
                                                   std::string(range) + "; `network` is \"public\"");
  }

  void keep_public(std::vector<IpAddress>& addresses, const std::string& host) const {
    const IpAddress first = addresses.front();
    std::erase_if(addresses, [](const IpAddress& address) { return !reserved_range(address).empty(); });
    if (addresses.empty()) check_address(first, host);
  }

  EventLoop& loop_;
  const HttpClientOptions options_;
  const HttpErrors errors_;
  Resolver resolver_;
  HostSlots slots_;
  CurlMulti multi_;
};

}  // namespace

std::unique_ptr<HttpTransport> make_curl_transport(EventLoop& loop, const HttpClientOptions& options,
                                                   const HttpErrors& errors) {
  return std::make_unique<CurlTransport>(loop, options, errors);
}

}  // namespace penstock::stages
