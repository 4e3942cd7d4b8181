// libcurl's multi interface on the event loop: many transfers, one thread, no polling.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "penstock/event_loop.h"

namespace penstock::stages {

/// Drives easy handles. Whoever adds one listens to it; listeners are called when curl is no longer on the stack, so
/// they may add, remove and resume transfers.
///
/// Thread safety: event-loop thread only.
class CurlMulti {
 public:
  class Listener {
   public:
    /// The transfer is over; its handle has been removed.
    virtual void on_done(CURLcode result) = 0;
    /// Asked for by notify_later().
    virtual void on_notice() = 0;

   protected:
    ~Listener() = default;
  };

  explicit CurlMulti(EventLoop& loop);
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;
  /// Closes all connections. REQUIRES: no transfer is left.
  ~CurlMulti();

  /// REQUIRES: `handle` and `listener` live until on_done() or remove().
  void add(CURL* handle, Listener& listener);
  /// Ends the transfer at once; on_done() is not called.
  void remove(CURL* handle);
  /// Lets a paused transfer go on.
  void unpause(CURL* handle);
  /// From a callback of curl: on_notice() is called once curl has returned.
  void notify_later(Listener& listener) { notices_.push_back(&listener); }
  /// The listener hears no more notices.
  void forget(Listener& listener);

  /// A handle with curl's defaults, from a small store.
  CURL* take_handle();
  void give_back(CURL* handle);

 private:
  struct Watches {
    EventLoop::WatchId reading = 0;
    EventLoop::WatchId writing = 0;
  };
  static int on_socket(CURL*, curl_socket_t socket, int what, void* data, void*);
  static int on_timer(CURLM*, long timeout_ms, void* data);
  void follow(EventLoop::WatchId& id, bool is_wanted, curl_socket_t socket, Readiness direction);
  void act(curl_socket_t socket, int events);
  void deliver();

  EventLoop& loop_;
  CURLM* multi_;
  EventLoop::TimerId timer_ = 0;
  std::unordered_map<curl_socket_t, Watches> sockets_;
  std::unordered_map<CURL*, Listener*> listeners_;
  std::deque<Listener*> notices_;
  std::vector<CURL*> stored_;
  bool is_delivering_ = false;
};

}  // namespace penstock::stages
