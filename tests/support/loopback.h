// Sockets on the loopback interface for test servers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace penstock::testing {

/// A socket bound to 127.0.0.1 and a free port.
inline int bind_to_loopback(int type, int& port) {
  const int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    ::close(descriptor);
    throw std::runtime_error("no loopback port can be had");
  }
  port = ntohs(address.sin_port);
  return descriptor;
}

/// The same, listening.
inline int listen_on_loopback(int& port) {
  const int descriptor = bind_to_loopback(SOCK_STREAM, port);
  ::listen(descriptor, 4096);
  return descriptor;
}

}  // namespace penstock::testing
