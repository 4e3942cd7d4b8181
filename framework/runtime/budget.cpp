// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/budget.h"

#include <algorithm>
#include <utility>

namespace penstock::runtime {
namespace {

void wake(const std::vector<Waiter*>& waiters) noexcept {
  for (Waiter* waiter : waiters) waiter->wake();
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
  const std::uint64_t granted = bytes_ < memory_ ? std::min(wanted, items_ - tokens_) : 1;
  tokens_ += granted;
  peak_tokens_ = std::max(peak_tokens_, tokens_);
  return granted;
}

void Budget::collect_sources(std::vector<Waiter*>& woken) {
  if (sources_.empty() || !(may_admit() || is_stopping_)) return;
  woken.insert(woken.end(), sources_.begin(), sources_.end());
  sources_.clear();
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

void Budget::take_bytes(std::uint64_t bytes) {
  bytes_ += bytes;
  peak_bytes_ = std::max(peak_bytes_, bytes_);
}

bool Budget::reserve(Waiter& waiter) {
  const std::scoped_lock lock(mutex_);
  const bool is_first = memory_waiters_.empty() || waiter.place < memory_waiters_.begin()->first;
  if (is_first && fits(waiter.amount)) {
    take_bytes(waiter.amount);
    return true;
  }
  memory_waiters_.emplace(waiter.place, &waiter);
  return false;
}

void Budget::collect_bytes(std::vector<Waiter*>& woken) {
  while (!memory_waiters_.empty() && fits(memory_waiters_.begin()->second->amount)) {
    take_bytes(memory_waiters_.begin()->second->amount);
    woken.push_back(memory_waiters_.begin()->second);
    memory_waiters_.erase(memory_waiters_.begin());
  }
}

void Budget::release(std::uint64_t bytes) noexcept {
  if (bytes == 0) return;
  std::vector<Waiter*> woken;
  bool is_last = false;
  {
    const std::scoped_lock lock(mutex_);
    bytes_ -= bytes;
    is_last = is_disowned_ && bytes_ == 0;
    collect_bytes(woken);
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
    is_last = bytes_ == 0;
  }
  if (is_last) delete this;
}

bool Budget::withdraw(Waiter& waiter) {
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    const auto [begin, end] = memory_waiters_.equal_range(waiter.place);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return entry.second == &waiter; });
    if (found == end) return false;
    memory_waiters_.erase(found);
    collect_bytes(woken);  // It may have stood before others that fit.
  }
  wake(woken);
  return true;
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
  }
  wake(woken);
}

bool Budget::force_oldest() {
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    if (!memory_waiters_.empty()) {
      take_bytes(memory_waiters_.begin()->second->amount);
      woken.push_back(memory_waiters_.begin()->second);
      memory_waiters_.erase(memory_waiters_.begin());
    } else if (!child_waiters_.empty() && children_ <= items_) {
      ++children_;
      woken.push_back(child_waiters_.begin()->second);
      child_waiters_.erase(child_waiters_.begin());
    }
  }
  wake(woken);
  return !woken.empty();
}

bool Budget::force_oldest_child() {
  std::vector<Waiter*> woken;
  {
    const std::scoped_lock lock(mutex_);
    if (!child_waiters_.empty()) {
      ++children_;
      woken.push_back(child_waiters_.begin()->second);
      child_waiters_.erase(child_waiters_.begin());
    }
  }
  wake(woken);
  return !woken.empty();
}

bool Budget::has_starved() const {
  const std::scoped_lock lock(mutex_);
  return !sources_.empty() || !child_waiters_.empty();
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
  return bytes_;
}

std::uint64_t Budget::peak_bytes() const {
  const std::scoped_lock lock(mutex_);
  return peak_bytes_;
}

std::uint64_t Budget::children_alive() const {
  const std::scoped_lock lock(mutex_);
  return children_;
}

bool Budget::keeps_nobody_in_vain() const {
  const std::scoped_lock lock(mutex_);
  const bool sources_wait_in_vain = !sources_.empty() && (may_admit() || is_stopping_);
  const bool memory_waits_in_vain = !memory_waiters_.empty() && fits(memory_waiters_.begin()->second->amount);
  const bool children_wait_in_vain = !child_waiters_.empty() && children_ < items_;
  return !sources_wait_in_vain && !memory_waits_in_vain && !children_wait_in_vain;
}

}  // namespace penstock::runtime
