// Which calls of a stage's body a test means.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace penstock::testing {

/// Calls of one stage's body, counted from 1 in the order in which they begin; each attempt of a retried item is a
/// call.
///
///     Calls::nth(3)                    the third call, whatever its item
///     Calls::first(2).of("a.jpg")      the first two attempts at that item: its calls are counted alone
class Calls {
 public:
  static Calls all() { return Calls(1, UINT64_MAX); }
  static Calls nth(std::uint64_t number) { return Calls(number, number); }
  static Calls first(std::uint64_t count) { return Calls(1, count); }

  /// Only those for items with this key.
  Calls of(std::string key) const {
    Calls calls = *this;
    calls.key_ = std::move(key);
    return calls;
  }

  const std::optional<std::string>& key() const { return key_; }
  bool include(std::uint64_t number) const { return number >= first_ && number <= last_; }

 private:
  Calls(std::uint64_t first, std::uint64_t last) : first_(first), last_(last) {}

  std::uint64_t first_;
  std::uint64_t last_;
  std::optional<std::string> key_;
};

}  // namespace penstock::testing
