// SPDX-License-Identifier: Apache-2.0
#include "framework/api/input_queue.h"

#include <stdexcept>
#include <utility>

#include "framework/base/quote.h"
#include "penstock/detail/lease.h"

namespace penstock::api {

void InputQueue::check_type(const SourceItem& item) const {
  const PayloadType& got = item.payload.type();
  if (got.is_a(type_)) return;
  throw std::invalid_argument("input stage " + quote(stage_) + ": expected a payload " + quote_name(type_.name) +
                              ", got " + quote_name(got.name) + " for item " + quote(item.key));
}

bool InputQueue::put(SourceItem& item, IfFull if_full) {
  std::unique_lock lock(mutex_);
  const auto has_room = [this] { return is_closed_ || items_.size() < capacity_; };
  if (if_full == IfFull::wait) room_.wait(lock, has_room);
  if (is_closed_ || !has_room()) return false;
  items_.push_back(std::move(item));
  wake_stage();
  return true;
}

void InputQueue::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  room_.notify_all();
  wake_stage();
}

std::vector<std::string> InputQueue::take_refused() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(refused_, {});
}

std::optional<SourceItem> InputQueue::take() {
  const std::scoped_lock lock(mutex_);
  if (items_.empty()) return std::nullopt;
  std::optional<SourceItem> item(std::move(items_.front()));
  items_.pop_front();
  room_.notify_one();
  return item;
}

Task<bool> InputQueue::wait(EventLoop& loop) {
  Completion<bool> woken;
  {
    const std::scoped_lock lock(mutex_);
    if (!items_.empty()) co_return true;
    if (is_closed_) co_return false;
    sleeper_ = &loop;
  }
  waiting_ = &woken;
  std::function<void()> forget = [this] {
    waiting_ = nullptr;
    const std::scoped_lock lock(mutex_);
    sleeper_ = nullptr;
  };
  woken.on_cancel(std::move(forget));
  co_await woken;
  co_return true;
}

/// REQUIRES: mutex held, which keeps the loop alive: the run cannot end before its stage has stopped waiting.
void InputQueue::wake_stage() {
  if (sleeper_ == nullptr) return;
  std::exchange(sleeper_, nullptr)->post([this] {
    if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->complete(true);
  });
}

void InputQueue::refuse(const std::string& key, detail::ItemWatcher* watcher) {
  if (watcher != nullptr) {
    watcher->settled(ItemOutcome::refused);
    return;
  }
  const std::scoped_lock lock(mutex_);
  refused_.push_back(key);
}

void InputQueue::refuse_all() {
  std::deque<SourceItem> items;
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    items = std::exchange(items_, {});
    room_.notify_all();
  }
  for (const SourceItem& item : items) refuse(item.key, item.watcher);
}

}  // namespace penstock::api
