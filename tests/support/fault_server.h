// A TCP server that says exactly what a test wants, right or wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::testing {

/// What the server does with a request for one path.
struct FaultScript {
  enum class End {
    close,   ///< In order: FIN.
    reset,   ///< RST.
    stall,   ///< Silence until the other side or the server ends.
    repeat,  ///< Sends `answer_tail` again and again.
  };
  std::string answer;  ///< Sent as it is: status line, headers, body.
  End end = End::close;
  std::string answer_tail = {};
};

/// Answers one request per connection by the path in its first line; unknown paths get 404.
class FaultServer {
 public:
  explicit FaultServer(std::map<std::string, FaultScript> scripts);
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;
  ~FaultServer();

  std::string url(std::string_view path) const;
  int port() const { return port_; }
  /// Requests that have arrived whole.
  int requests() const { return requests_; }
  /// Blocks until so many requests have arrived.
  void wait_for_requests(int count) const {
    for (int n = requests_; n < count; n = requests_) requests_.wait(n);
  }
  /// Blocks until the other side has ended so many connections.
  void wait_for_ended(int count) const {
    for (int n = ended_; n < count; n = ended_) ended_.wait(n);
  }

 private:
  void accept_all();
  void serve(int descriptor);

  const std::map<std::string, FaultScript> scripts_;
  int port_ = 0;
  int listener_ = -1;
  std::atomic<int> requests_ = 0;
  std::atomic<int> ended_ = 0;
  std::mutex mutex_;
  std::vector<int> connections_;      // Guarded by mutex_.
  std::vector<std::thread> threads_;  // Guarded by mutex_.
  std::thread acceptor_;
};

}  // namespace penstock::testing
