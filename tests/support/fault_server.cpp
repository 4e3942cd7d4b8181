// A TCP server that says exactly what a test wants, right or wrong.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fault_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/loopback.h"

namespace penstock::testing {
namespace {

bool send_all(int descriptor, std::string_view data) {
  while (!data.empty()) {
    const ssize_t count = ::send(descriptor, data.data(), data.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Up to the end of the head; empty when the other side ends before.
std::string read_head(int descriptor) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (::recv(descriptor, &byte, 1, 0) != 1) return {};
    head += byte;
  }
  return head;
}

}  // namespace

FaultServer::FaultServer(std::map<std::string, FaultScript> scripts)
    : scripts_(std::move(scripts)), listener_(listen_on_loopback(port_)), acceptor_([this] { accept_all(); }) {}

FaultServer::~FaultServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : connections_) ::shutdown(descriptor, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int descriptor : connections_) ::close(descriptor);
  ::close(listener_);
}

std::string FaultServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void FaultServer::accept_all() {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const std::lock_guard lock(mutex_);
    connections_.push_back(descriptor);
    threads_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

void FaultServer::serve(int descriptor) {
  const std::string head = read_head(descriptor);
  if (!head.empty()) {
    const std::size_t begin = head.find(' ') + 1;
    const auto script = scripts_.find(head.substr(begin, head.find_first_of(" ?", begin) - begin));
    ++requests_;
    requests_.notify_all();
    if (script == scripts_.end()) {
      send_all(descriptor, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    } else {
      send_all(descriptor, script->second.answer);
      while (script->second.end == FaultScript::End::repeat && send_all(descriptor, script->second.answer_tail)) {
      }
      if (script->second.end == FaultScript::End::reset) {
        const linger hard{1, 0};
        ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        const int nothing = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ::dup3(nothing, descriptor, O_CLOEXEC);  // Closes the connection, with RST, and keeps its number taken.
        ::close(nothing);
        return;
      }
    }
    if (script == scripts_.end() || script->second.end == FaultScript::End::close) ::shutdown(descriptor, SHUT_WR);
  }
  char rest[4096];
  while (::recv(descriptor, rest, sizeof rest, 0) > 0) {
  }
  ++ended_;
  ended_.notify_all();
}

}  // namespace penstock::testing
