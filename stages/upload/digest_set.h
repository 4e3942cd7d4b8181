// A set of 64-bit digests in one block of memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::stages {

/// An open-addressing table with linear probing: 10 to 20 bytes for each digest, where a node of std::unordered_set and
/// its bucket take 40 and more. It only grows. REQUIRES: digests are spread evenly, as those of a cryptographic hash
/// are; their low bits choose the slot.
///
/// Thread safety: like a standard container.
class DigestSet {
 public:
  /// False when it is there already.
  bool insert(std::uint64_t digest);
  bool contains(std::uint64_t digest) const;
  std::size_t size() const { return size_; }

 private:
  /// Where the digest is, or would be. REQUIRES: a slot is free.
  std::size_t slot_of(std::uint64_t digest) const;
  void grow();

  std::vector<std::uint64_t> slots_;  // A power of two of them; 0: free.
  std::size_t size_ = 0;
  bool has_zero_ = false;  // The one digest that no slot can hold.
};

}  // namespace penstock::stages
