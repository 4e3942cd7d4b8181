// An immutable run of bytes with the memory that it is charged for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/memory.h"
#include "penstock/payload.h"

namespace penstock {

/// Bytes as they came from a file, the network or an encoder. Copies share one buffer, which gives its memory charge
/// back when the last of them dies. Thread safety: as a value type; the buffer is immutable.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::string data, MemoryCharge charge = {})
      : buffer_(std::make_shared<const Buffer>(std::move(data), std::move(charge))) {}

  std::string_view view() const { return buffer_ ? std::string_view(buffer_->data) : std::string_view(); }
  std::uint64_t size() const { return view().size(); }
  bool empty() const { return view().empty(); }
  /// Bytes of `limits.memory` that the buffer holds.
  std::uint64_t charged() const { return buffer_ ? buffer_->charge.bytes() : 0; }

 private:
  struct Buffer {
    Buffer(std::string d, MemoryCharge c) : data(std::move(d)), charge(std::move(c)) {}
    std::string data;
    MemoryCharge charge;
  };
  std::shared_ptr<const Buffer> buffer_;
};

template <>
struct PayloadTraits<Bytes> {
  static constexpr std::string_view name = "bytes";
  static std::uint64_t bytes(const Bytes& value) { return value.size(); }
  static std::uint64_t charged(const Bytes& value) { return value.charged(); }
  static void encode(const Bytes& value, ByteSink& out) { out.write(value.view()); }
  static Bytes decode(std::string encoded, MemoryCharge charge) { return Bytes(std::move(encoded), std::move(charge)); }
};

}  // namespace penstock
