// Reads numbers from untrusted bytes without ever reading past them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::stages {

enum class ByteOrder { big, little };

/// A cursor-free view: every read names its offset and gives 0 when it would leave the data; ask has() first where 0 is
/// a valid answer.
class ByteReader {
 public:
  explicit ByteReader(std::string_view data, ByteOrder order = ByteOrder::big) : data_(data), order_(order) {}

  std::uint64_t size() const { return data_.size(); }
  /// True when the half-open range [at, at + length) lies within the data.
  bool has(std::uint64_t at, std::uint64_t length) const { return at <= data_.size() && length <= data_.size() - at; }
  std::uint32_t u8(std::uint64_t at) const { return number(at, 1); }
  std::uint32_t u16(std::uint64_t at) const { return number(at, 2); }
  std::uint32_t u24(std::uint64_t at) const { return number(at, 3); }
  std::uint32_t u32(std::uint64_t at) const { return number(at, 4); }
  /// Empty when it does not lie within the data.
  std::string_view text(std::uint64_t at, std::uint64_t length) const {
    return has(at, length) ? data_.substr(at, length) : std::string_view();
  }
  /// What remains from `at` on.
  std::string_view rest(std::uint64_t at) const { return at < data_.size() ? data_.substr(at) : std::string_view(); }

 private:
  std::uint32_t number(std::uint64_t at, std::size_t bytes) const {
    if (!has(at, bytes)) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      const std::size_t from = order_ == ByteOrder::big ? i : bytes - 1 - i;
      value = value << 8 | static_cast<unsigned char>(data_[at + from]);
    }
    return value;
  }

  std::string_view data_;
  ByteOrder order_;
};

}  // namespace penstock::stages
