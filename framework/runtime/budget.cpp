// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/budget.h"

#include <algorithm>
#include <utility>

namespace penstock::runtime {
namespace {

void wake(const std::vector<Waiter*>& waiters) noexcept {
  for (Waiter* waiter : waiters) waiter->wake();
}

void move_to(std::vector<Waiter*>& woken, std::vector<Waiter*>& waiting) {
  woken.insert(woken.end(), waiting.begin(), waiting.end());
  waiting.clear();
}

}  // namespace

std::optional<std::uint64_t> Budget::admit(std::uint64_t wanted, Waiter& source) {
  const std::scoped_lock lock(mutex_);
  if (is_stopping_) return std::nullopt;
  if (!may_admit()) {
    sources_.push_back(&source);
    return 0;
  }
  // While memory is short, one item alone may proceed, and no second.
  const std::uint64_t granted = memory_.is_full() ? 1 : std::min(wanted, items_ - tokens_);
  tokens_ += granted;
  peak_tokens_ = std::max(peak_tokens_, tokens_);
  return granted;
}

bool Budget::admit_last(Waiter& stage) {
  const std::scoped_lock lock(mutex_);
  if (!may_admit()) {
    closing_.push_back(&stage);
    return false;
  }
  peak_tokens_ = std::max(peak_tokens_, ++tokens_);
  return true;
}

void Budget::collect_sources(std::vector<Waiter*>& woken) {
  if (may_admit()) move_to(woken, closing_);
  if (may_admit() || is_stopping_) move_to(woken, sources_);
}

void Budget::release_tokens(std::uint64_t tokens) noexcept {
  if (tokens == 0) return;
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    tokens_ -= tokens;
    collect_sources(woken);
  }
  wake(woken);
}

bool Budget::reserve(MemoryWaiter& waiter) {
  const std::scoped_lock lock(mutex_);
  return memory_.take(waiter);
}

void Budget::release(std::uint64_t bytes) noexcept {
  if (bytes == 0) return;
  std::vector<Waiter*> woken;
  bool is_last = false;
  {
    const std::scoped_lock lock(mutex_);
    memory_.give_back(bytes);
    is_last = is_disowned_ && memory_.bytes() == 0;
    memory_.collect(woken);
    collect_sources(woken);
  }
  wake(woken);
  if (is_last) delete this;
}

void Budget::disown() noexcept {
  bool is_last = false;
  {
    const std::scoped_lock lock(mutex_);
    is_disowned_ = true;
    is_last = memory_.bytes() == 0;
  }
  if (is_last) delete this;
}

bool Budget::withdraw(MemoryWaiter& waiter) {
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    if (!memory_.withdraw(waiter)) return false;
    memory_.collect(woken);  // It may have stood before others that fit.
  }
  wake(woken);
  return true;
}

bool Budget::forget(MemoryWaiter& waiter) {
  const std::scoped_lock lock(mutex_);
  return memory_.withdraw(waiter);
}

bool Budget::try_take_child() {
  const std::scoped_lock lock(mutex_);
  if (!child_waiters_.empty() || children_ >= items_) return false;
  ++children_;
  return true;
}

bool Budget::take_child(Waiter& waiter) {
  const std::scoped_lock lock(mutex_);
  if (child_waiters_.empty() && children_ < items_) {
    ++children_;
    return true;
  }
  child_waiters_.emplace(waiter.place, &waiter);
  return false;
}

void Budget::collect_children(std::vector<Waiter*>& woken) {
  while (!child_waiters_.empty() && children_ < items_) {
    ++children_;
    woken.push_back(child_waiters_.begin()->second);
    child_waiters_.erase(child_waiters_.begin());
  }
}

void Budget::release_children(std::uint64_t children) noexcept {
  if (children == 0) return;
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    children_ -= children;
    collect_children(woken);
  }
  wake(woken);
}

void Budget::open_for_stop() {
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
    collect_sources(woken);
    move_to(woken, closing_);  // When the run is cancelled they need no token any more.
  }
  wake(woken);
}

template <class Choose>
bool Budget::let_on(Choose choose) {
  Waiter* chosen = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    chosen = choose();
  }
  if (chosen != nullptr) chosen->wake();
  return chosen != nullptr;
}

Waiter* Budget::take_child_beyond() {
  if (child_waiters_.empty()) return nullptr;
  ++children_;
  Waiter* waiter = child_waiters_.begin()->second;
  child_waiters_.erase(child_waiters_.begin());
  return waiter;
}

bool Budget::grant_when_still() {
  return let_on([this]() -> Waiter* { return memory_.take_when_still(); });
}

Budget::Shortage Budget::shortage() const {
  const std::scoped_lock lock(mutex_);
  return {memory_.oldest(), memory_.missing()};
}

bool Budget::force() {
  return let_on([this]() -> Waiter* {
    // One child too many costs less than memory, and may be what the others wait for in the end.
    if (!child_waiters_.empty() && children_ <= items_) return take_child_beyond();
    return memory_.force();
  });
}

bool Budget::force_child() {
  return let_on([this] { return take_child_beyond(); });
}

bool Budget::has_starved() const {
  const std::scoped_lock lock(mutex_);
  return !sources_.empty() || !closing_.empty() || !child_waiters_.empty();
}

std::uint64_t Budget::items_in_flight() const {
  const std::scoped_lock lock(mutex_);
  return tokens_;
}

std::uint64_t Budget::peak_items() const {
  const std::scoped_lock lock(mutex_);
  return peak_tokens_;
}

std::uint64_t Budget::bytes() const {
  const std::scoped_lock lock(mutex_);
  return memory_.bytes();
}

std::uint64_t Budget::peak_bytes() const {
  const std::scoped_lock lock(mutex_);
  return memory_.peak();
}

std::uint64_t Budget::children_alive() const {
  const std::scoped_lock lock(mutex_);
  return children_;
}

bool Budget::keeps_nobody_in_vain() const {
  const std::scoped_lock lock(mutex_);
  const bool sources_wait_in_vain =
      (!sources_.empty() && (may_admit() || is_stopping_)) || (!closing_.empty() && may_admit());
  const bool children_wait_in_vain = !child_waiters_.empty() && children_ < items_;
  return !sources_wait_in_vain && !children_wait_in_vain && memory_.keeps_nobody_in_vain();
}

}  // namespace penstock::runtime
