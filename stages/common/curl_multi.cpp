// libcurl's multi interface on the event loop: many transfers, one thread, no polling.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/curl_multi.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace penstock::stages {
namespace {

constexpr std::size_t kMaxStored = 64;
constexpr long kMaxIdleConnections = 256;

void check_library() {
  static const CURLcode kResult = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kResult != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(kResult));
}

}  // namespace

CurlMulti::CurlMulti(EventLoop& loop) : loop_(loop) {
  check_library();
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // Without a bound curl keeps four connections per transfer open after their use.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
}

CurlMulti::~CurlMulti() {
  for (CURL* handle : stored_) curl_easy_cleanup(handle);
  curl_multi_cleanup(multi_);
  if (timer_ != 0) loop_.cancel_timer(timer_);
  for (auto& [socket, watches] : sockets_) {
    if (watches.reading != 0) loop_.unwatch(watches.reading);
    if (watches.writing != 0) loop_.unwatch(watches.writing);
  }
}

void CurlMulti::add(CURL* handle, Listener& listener) {
  listeners_.emplace(handle, &listener);
  const CURLMcode code = curl_multi_add_handle(multi_, handle);
  if (code != CURLM_OK) {
    listeners_.erase(handle);
    throw std::runtime_error(std::string("libcurl: ") + curl_multi_strerror(code));
  }
}

void CurlMulti::remove(CURL* handle) {
  if (listeners_.erase(handle) != 0) curl_multi_remove_handle(multi_, handle);
}

void CurlMulti::unpause(CURL* handle) {
  if (!listeners_.contains(handle)) return;
  curl_easy_pause(handle,
                  CURLPAUSE_CONT);  // May call back at once with what curl holds; failures show in the transfer.
  act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlMulti::forget(Listener& listener) { std::erase(notices_, &listener); }

CURL* CurlMulti::take_handle() {
  if (!stored_.empty()) {
    CURL* handle = stored_.back();
    stored_.pop_back();
    return handle;
  }
  CURL* handle = curl_easy_init();
  if (handle == nullptr) throw std::bad_alloc();
  return handle;
}

void CurlMulti::give_back(CURL* handle) {
  if (stored_.size() >= kMaxStored) {
    curl_easy_cleanup(handle);
    return;
  }
  curl_easy_reset(handle);
  stored_.push_back(handle);
}

int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* data, void*) {
  auto& self = *static_cast<CurlMulti*>(data);
  try {
    Watches& watches = self.sockets_[socket];
    self.follow(watches.reading, what == CURL_POLL_IN || what == CURL_POLL_INOUT, socket, Readiness::readable);
    self.follow(watches.writing, what == CURL_POLL_OUT || what == CURL_POLL_INOUT, socket, Readiness::writable);
    if (what == CURL_POLL_REMOVE) self.sockets_.erase(socket);
    return 0;
  } catch (const std::exception&) {
    return -1;  // curl ends the transfers. Nothing may be thrown through it.
  }
}

void CurlMulti::follow(EventLoop::WatchId& id, bool is_wanted, curl_socket_t socket, Readiness direction) {
  if (is_wanted == (id != 0)) return;
  if (!is_wanted) {
    loop_.unwatch(std::exchange(id, 0));
    return;
  }
  const int event = direction == Readiness::readable ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
  id = loop_.watch(socket, direction, [this, socket, event] { act(socket, event); });
}

int CurlMulti::on_timer(CURLM*, long timeout_ms, void* data) {
  auto& self = *static_cast<CurlMulti*>(data);
  if (self.timer_ != 0) self.loop_.cancel_timer(std::exchange(self.timer_, 0));
  if (timeout_ms < 0) return 0;
  self.timer_ = self.loop_.call_at(self.loop_.now() + std::chrono::milliseconds(timeout_ms), [&self] {
    self.timer_ = 0;
    self.act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlMulti::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  deliver();
}

void CurlMulti::deliver() {
  if (is_delivering_) return;  // The loop below sees what comes meanwhile.
  is_delivering_ = true;
  for (;;) {
    if (!notices_.empty()) {
      Listener* listener = notices_.front();
      notices_.pop_front();
      listener->on_notice();
      continue;
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    if (message == nullptr) break;
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode result = message->data.result;  // The message dies with the handle's removal.
    const auto entry = listeners_.find(handle);
    if (entry == listeners_.end()) continue;
    Listener* const listener = entry->second;
    listeners_.erase(entry);
    curl_multi_remove_handle(multi_, handle);
    listener->on_done(result);
  }
  is_delivering_ = false;
}

}  // namespace penstock::stages
