// How the two sides of an isolated stage write things down for each other.
//
//     text        u64 length, bytes               attributes  u64 count, (text, value)...
//     value       u8 index of the variant, then the bool as u8, the number as 8 bytes, the text, or a list of values
// Numbers lie as in memory: both sides run on one machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "penstock/attributes.h"
#include "penstock/option_value.h"

namespace penstock::isolation {

class WireWriter {
 public:
  template <class Number>
  void number(Number value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number(std::uint64_t{value.size()});
    bytes_.append(value);
  }
  void attributes(const Attributes& attributes);
  void option(const OptionValue& value);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// What was read is not what a writer writes: the other side is broken, or means harm.
class WireError : public std::runtime_error {
 public:
  WireError() : std::runtime_error("the message of the other side is garbled") {}
};

/// Everything throws WireError. Trusts nothing: the other side may be whatever has taken over a worker.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    const std::string_view bytes = take(sizeof value);
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<std::uint64_t>())); }
  Attributes attributes();
  OptionValue option(int depth = 0);

 private:
  std::string_view take(std::uint64_t size) {
    if (size > bytes_.size()) throw WireError();
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

}  // namespace penstock::isolation
