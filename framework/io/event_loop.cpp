// The awaitables that every event loop offers, on top of its timers and watches.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/event_loop.h"

namespace penstock {
namespace {

/// A wait for a descriptor. Lives in the coroutine's frame, so that the callback may free the function that calls it.
struct DescriptorWait {
  EventLoop* loop = nullptr;
  EventLoop::WatchId id = 0;
  Completion<> done;

  static void finish(DescriptorWait& wait) {
    wait.loop->unwatch(wait.id);
    wait.done.complete(true);
  }
};

}  // namespace

Task<void> EventLoop::sleep_for(Duration delay) {
  const TimePoint start = now();
  const TimePoint when = delay > TimePoint::max() - start ? TimePoint::max() : start + delay;
  Completion<> done;
  const TimerId id = call_at(when, [&done] { done.complete(true); });
  done.on_cancel([this, id] { cancel_timer(id); });
  co_await done;
}

Task<void> EventLoop::ready(int descriptor, Readiness direction) {
  DescriptorWait wait;
  wait.loop = this;
  wait.id = watch(descriptor, direction, [&wait] { DescriptorWait::finish(wait); });
  wait.done.on_cancel([&wait] { wait.loop->unwatch(wait.id); });
  co_await wait.done;
}

}  // namespace penstock
