// The line between the program and one worker: who says what, and where it lies.
//
//     program → worker   setup    the region's descriptor; head: stage type, stage name, base folder, memory limit,
//     options worker → program   ready    head: empty, or why it cannot work (code, message) program → worker   item
//     head: key, attributes, attempt, type of the payload; then the payload, encoded worker → program   result   head:
//     see Result; then the payload, encoded
//
// Each is a datagram with the sizes of the two parts, which lie in the shared region, the head first. The datagram
// wakes the other side; there is at most one at a time, and who received it owns the region until it answers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "framework/isolation/shared_region.h"
#include "penstock/attributes.h"
#include "penstock/detail/piece.h"
#include "penstock/payload.h"
#include "penstock/unique_fd.h"

namespace penstock::isolation {

struct Datagram {
  std::uint64_t head_size = 0;
  std::uint64_t body_size = 0;
};

/// What a worker says of an item. Parts that the verdict does not need stay empty.
struct Result {
  detail::Verdict verdict = detail::Verdict::emit;
  bool is_last = false;  ///< The worker ends now: it has reached its limit of memory.
  Attributes attributes;
  std::string type;  ///< Of the payload.
  std::string drop_reason;
  detail::Failure failure;
  std::map<std::string, std::uint64_t> counts;  ///< What the body counted (StageContext::count).
};
std::string encode_result(const Result& result);
/// Throws WireError.
Result decode_result(std::string_view bytes);

/// One end. Throws std::system_error.
class Channel {
 public:
  enum class Received { message, nothing, end };

  Channel(UniqueFd socket, SharedRegion region) : socket_(std::move(socket)), region_(std::move(region)) {}

  int socket() const { return socket_.get(); }
  SharedRegion& region() { return region_; }

  /// Writes head and payload into the region; gives what send() must say. The payload may be null: there is none.
  Datagram write(std::string_view head, const Payload* payload);
  /// False: nobody is there any more.
  bool send(const Datagram& datagram, int with_descriptor = -1);
  /// Never waits when the socket is non-blocking. The parts are accessible afterwards.
  Received receive(Datagram& datagram);

  std::string head(const Datagram& datagram) const { return std::string(region_.read(0, datagram.head_size)); }
  std::string body(const Datagram& datagram) const {
    return std::string(region_.read(datagram.head_size, datagram.head_size + datagram.body_size));
  }

 private:
  UniqueFd socket_;
  SharedRegion region_;
};

/// The worker's end, out of its first datagram. Throws std::system_error.
std::optional<Channel> accept_channel(UniqueFd socket, Datagram& setup);

}  // namespace penstock::isolation
