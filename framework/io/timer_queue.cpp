// The pending timers of an event loop, ordered by time.
// SPDX-License-Identifier: Apache-2.0
#include "framework/io/timer_queue.h"

#include <algorithm>
#include <utility>

namespace penstock::io {
namespace {

constexpr std::size_t kCompactFrom = 1024;

}  // namespace

EventLoop::TimerId TimerQueue::add(TimePoint when, std::function<void()> work) {
  const EventLoop::TimerId id = ++last_id_;
  works_.emplace(id, std::move(work));
  heap_.push_back({when, id});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  return id;
}

void TimerQueue::cancel(EventLoop::TimerId id) {
  auto cancelled = works_.extract(id);  // What the function owns dies at the end, when the queue is in order again.
  if (heap_.size() > kCompactFrom && heap_.size() > 2 * works_.size()) compact();
}

std::optional<TimePoint> TimerQueue::next() {
  drop_cancelled_top();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

void TimerQueue::run_due(TimePoint now) {
  const EventLoop::TimerId last = last_id_;
  std::vector<Entry> postponed;
  for (drop_cancelled_top(); !heap_.empty() && heap_.front().when <= now; drop_cancelled_top()) {
    const Entry entry = heap_.front();
    pop();
    if (entry.id > last) {
      postponed.push_back(entry);
      continue;
    }
    const auto due = works_.extract(entry.id);
    due.mapped()();
  }
  for (const Entry& entry : postponed) {
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
}

void TimerQueue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  heap_.pop_back();
}

void TimerQueue::drop_cancelled_top() {
  while (!heap_.empty() && !works_.contains(heap_.front().id)) pop();
}

void TimerQueue::compact() {
  std::erase_if(heap_, [this](const Entry& entry) { return !works_.contains(entry.id); });
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
}

}  // namespace penstock::io
