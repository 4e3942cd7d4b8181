// SPDX-License-Identifier: Apache-2.0
#include "framework/isolation/channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "framework/isolation/wire.h"

namespace penstock::isolation {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;

union Control {
  cmsghdr header;
  char room[CMSG_SPACE(sizeof(int))];
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// Writes a payload behind the head, as it is encoded.
class RegionSink final : public ByteSink {
 public:
  RegionSink(SharedRegion& region, std::size_t at) : region_(region), at_(at) {}
  void write(std::string_view bytes) override {
    region_.map(at_ + bytes.size());
    region_.write(at_, bytes);
    at_ += bytes.size();
  }
  std::size_t end() const { return at_; }

 private:
  SharedRegion& region_;
  std::size_t at_;
};

}  // namespace

std::string encode_result(const Result& result) {
  WireWriter out;
  out.number(result.verdict);
  out.number(std::uint8_t{result.is_last});
  out.attributes(result.attributes);
  out.text(result.type);
  out.text(result.drop_reason);
  out.text(result.failure.code);
  out.text(result.failure.message);
  out.number(result.failure.persistence);
  out.number(result.failure.retry_after ? result.failure.retry_after->count() : std::int64_t{-1});
  out.number(std::uint64_t{result.counts.size()});
  for (const auto& [counter, n] : result.counts) {
    out.text(counter);
    out.number(n);
  }
  return out.bytes();
}

Result decode_result(std::string_view bytes) {
  WireReader in(bytes);
  Result result;
  result.verdict = in.number<detail::Verdict>();
  if (result.verdict > detail::Verdict::cancel) throw WireError();
  result.is_last = in.number<std::uint8_t>() != 0;
  result.attributes = in.attributes();
  result.type = in.text();
  result.drop_reason = in.text();
  result.failure.code = in.text();
  result.failure.message = in.text();
  result.failure.persistence =
      in.number<Persistence>() == Persistence::transient ? Persistence::transient : Persistence::permanent;
  if (const auto delay = in.number<std::int64_t>(); delay >= 0) {
    result.failure.retry_after = std::chrono::milliseconds(delay);
  }
  for (auto counters = in.number<std::uint64_t>(); counters > 0; --counters) {
    std::string counter = in.text();
    result.counts[std::move(counter)] = in.number<std::uint64_t>();
  }
  return result;
}

Datagram Channel::write(std::string_view head, const Payload* payload) {
  region_.map(head.size());
  region_.write(0, head);
  RegionSink sink(region_, head.size());
  if (payload != nullptr) payload->encode(sink);
  return {.head_size = head.size(), .body_size = sink.end() - head.size()};
}

bool Channel::send(const Datagram& datagram, int with_descriptor) {
  Datagram copy = datagram;
  iovec part{&copy, sizeof copy};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Control control{};
  if (with_descriptor >= 0) {
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &with_descriptor, sizeof(int));
  }
  for (;;) {
    if (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0) return true;
    if (errno == EPIPE || errno == ECONNRESET) return false;
    if (errno != EINTR) fail("cannot reach the worker");
  }
}

Channel::Received Channel::receive(Datagram& datagram) {
  for (;;) {
    const ssize_t count = ::recv(socket_.get(), &datagram, sizeof datagram, 0);
    if (count == sizeof datagram) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return Received::nothing;
    return Received::end;
  }
  const bool is_sane = datagram.head_size <= kMostBytes && datagram.body_size <= kMostBytes;
  if (!is_sane || !region_.reach(datagram.head_size + datagram.body_size)) return Received::end;
  return Received::message;
}

std::optional<Channel> accept_channel(UniqueFd socket, Datagram& setup) {
  iovec part{&setup, sizeof setup};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.room;
  message.msg_controllen = sizeof control.room;
  if (::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC) != sizeof setup) return std::nullopt;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return std::nullopt;
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  Channel channel(std::move(socket), SharedRegion(UniqueFd(descriptor)));
  if (!channel.region().reach(setup.head_size + setup.body_size)) return std::nullopt;
  return channel;
}

}  // namespace penstock::isolation
