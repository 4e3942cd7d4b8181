// A name server on a loopback port, as large as a test needs it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace penstock::testing {

/// Answers questions for A records over UDP; other types get an empty answer.
class DnsServer {
 public:
  struct Answer {
    enum class Kind { address, no_such_name, silence };
    Kind kind = Kind::address;
    std::string address = "127.0.0.1";
  };
  /// `answer` is called on the server's thread with each name, in lower case.
  explicit DnsServer(std::function<Answer(const std::string& name)> answer);
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer();

  /// As the option `name_servers` wants it.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int questions() const { return questions_; }

 private:
  void serve();

  const std::function<Answer(const std::string&)> answer_;
  int port_ = 0;
  int descriptor_ = -1;
  std::atomic<int> questions_ = 0;
  std::thread thread_;
};

}  // namespace penstock::testing
