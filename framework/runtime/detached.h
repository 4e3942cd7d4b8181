// The root of a coroutine that nobody awaits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>

#include "penstock/task.h"

namespace penstock::runtime {

/// Frees itself at its end.
struct Detached {
  struct promise_type {
    Operation* operation;  // Lent to the Task that is awaited.
    template <class Finish>
    promise_type(Operation& lent, Task<void>&, Finish&) : operation(&lent) {}
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    [[noreturn]] void unhandled_exception() { std::terminate(); }
  };
};

/// Starts `task` under `operation`; calls finish(error) when it has ended, perhaps before this returns. `task` may be
/// destroyed by `finish`. REQUIRES: event-loop thread; `operation` and `task` live until then.
template <class Finish>
Detached run_detached(Operation& /*operation*/, Task<void>& task, Finish finish) {
  std::exception_ptr error;
  try {
    co_await task;
  } catch (...) {
    error = std::current_exception();
  }
  finish(error);
}

}  // namespace penstock::runtime
