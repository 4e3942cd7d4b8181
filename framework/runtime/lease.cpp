// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/lease.h"

#include <array>
#include <new>

namespace penstock::runtime {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kKept = 0;  // What is kept would hide from the sanitizer that it was freed.
#else
constexpr std::size_t kKept = 256;
#endif

struct Kept {
  std::array<void*, kKept + 1> storage{};
  std::size_t count = 0;
  bool is_gone = false;  // The thread ends: nothing is kept any more.
};
// Without a destructor of its own, so that nothing has to be looked up before each use.
constinit thread_local Kept t_kept;

struct FreeAtThreadEnd {
  ~FreeAtThreadEnd() {
    while (t_kept.count > 0) ::operator delete(t_kept.storage[--t_kept.count]);
    t_kept.is_gone = true;
  }
};

bool may_keep() {
  if (t_kept.count > 0) return t_kept.count < kKept;
  thread_local const FreeAtThreadEnd kFreeAtThreadEnd;
  return kKept > 0 && !t_kept.is_gone;
}

}  // namespace

void* allocate_lease(std::size_t size) {
  if (t_kept.count > 0) return t_kept.storage[--t_kept.count];
  return ::operator new(size);
}

void free_lease(void* lease) noexcept {
  if (may_keep()) {
    t_kept.storage[t_kept.count++] = lease;
  } else {
    ::operator delete(lease);
  }
}

}  // namespace penstock::runtime
