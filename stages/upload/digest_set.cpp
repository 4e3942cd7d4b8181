// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/digest_set.h"

#include <utility>

namespace penstock::stages {
namespace {

constexpr std::size_t kFirstSlots = 1024;

// A miss looks at 13 neighbouring slots on average in a table that is so full (Knuth, TAOCP 3, 6.4, theorem K).
constexpr bool is_full(std::size_t size, std::size_t slots) { return size * 5 >= slots * 4; }

}  // namespace

bool DigestSet::insert(std::uint64_t digest) {
  if (contains(digest)) return false;
  if (digest == 0) {
    has_zero_ = true;
  } else {
    if (is_full(size_, slots_.size())) grow();
    slots_[slot_of(digest)] = digest;
  }
  ++size_;
  return true;
}

bool DigestSet::contains(std::uint64_t digest) const {
  if (digest == 0) return has_zero_;
  return !slots_.empty() && slots_[slot_of(digest)] == digest;
}

std::size_t DigestSet::slot_of(std::uint64_t digest) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = digest & mask;
  while (slots_[slot] != 0 && slots_[slot] != digest) slot = (slot + 1) & mask;
  return slot;
}

void DigestSet::grow() {
  std::vector<std::uint64_t> old(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  std::swap(old, slots_);
  for (const std::uint64_t digest : old) {
    if (digest != 0) slots_[slot_of(digest)] = digest;
  }
}

}  // namespace penstock::stages
