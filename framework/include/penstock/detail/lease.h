// The part of an admitted item that every piece of it shares and that stages may see.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace penstock::detail {

/// Identity of one admitted item. The runtime derives its token and acknowledgement from it; a test runner uses it as
/// it is. Thread safety: immutable while pieces exist.
class Lease {
 public:
  Lease() = default;
  Lease(std::string&& key, std::uint64_t sequence) : key_(std::move(key)), sequence_(sequence) {}
  Lease(const std::string& key, std::uint64_t sequence) : key_(key), sequence_(sequence) {}

  const std::string& key() const { return key_; }
  /// Admission number, run-wide, given at the gate.
  std::uint64_t sequence() const { return sequence_; }

 protected:
  std::string key_;
  std::uint64_t sequence_ = 0;
};

}  // namespace penstock::detail
