// A name server on a loopback port. Messages: RFC 1035, section 4.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dns_server.h"

#include <algorithm>
#include <cstdint>

#include "tests/support/loopback.h"

namespace penstock::testing {
namespace {

constexpr std::size_t kHeadBytes = 12;
constexpr unsigned kTypeA = 1;

struct Question {
  std::string name;
  unsigned type = 0;
  std::size_t end = 0;  // In the message.
};

Question read_question(const std::string& message) {
  Question question;
  std::size_t at = kHeadBytes;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<unsigned char>(message[at]);
    if (!question.name.empty()) question.name += '.';
    question.name += message.substr(at + 1, length);
    at += 1 + length;
  }
  std::transform(question.name.begin(), question.name.end(), question.name.begin(), ::tolower);
  question.type = at + 2 < message.size() ? static_cast<unsigned char>(message[at + 2]) : 0;
  question.end = at + 5;
  return question;
}

std::string reply(const std::string& message, const Question& question, const DnsServer::Answer& answer) {
  const bool has_address = answer.kind == DnsServer::Answer::Kind::address && question.type == kTypeA;
  std::string text = message.substr(0, 2);
  text += '\x81';  // An answer; recursion desired.
  text += answer.kind == DnsServer::Answer::Kind::no_such_name ? '\x83' : '\x80';
  text += std::string("\0\1\0", 3) + (has_address ? '\1' : '\0') + std::string(4, '\0');
  text += message.substr(kHeadBytes, question.end - kHeadBytes);
  if (has_address) {
    text += std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);  // The name above, A, IN, 60 s, four bytes.
    in_addr address{};
    ::inet_pton(AF_INET, answer.address.c_str(), &address);
    text.append(reinterpret_cast<const char*>(&address), 4);
  }
  return text;
}

}  // namespace

DnsServer::DnsServer(std::function<Answer(const std::string&)> answer)
    : answer_(std::move(answer)), descriptor_(bind_to_loopback(SOCK_DGRAM, port_)), thread_([this] { serve(); }) {}

DnsServer::~DnsServer() {
  ::shutdown(descriptor_, SHUT_RDWR);  // Ends the wait, although it reports an error for UDP.
  thread_.join();
  ::close(descriptor_);
}

void DnsServer::serve() {
  std::string message(4096, '\0');
  for (;;) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const ssize_t count =
        ::recvfrom(descriptor_, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
    if (count <= 0) return;
    const std::string received = message.substr(0, static_cast<std::size_t>(count));
    if (received.size() <= kHeadBytes) continue;
    const Question question = read_question(received);
    ++questions_;
    const Answer answer = answer_(question.name);
    if (answer.kind == Answer::Kind::silence) continue;
    const std::string text = reply(received, question, answer);
    ::sendto(descriptor_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&peer), size);
  }
}

}  // namespace penstock::testing
