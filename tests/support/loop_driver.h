// An event loop for tests of coroutines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <type_traits>
#include <utility>

#include "framework/io/asio_loop.h"
#include "penstock/task.h"

namespace penstock::testing {

/// A running loop; the test's thread hands it work and waits for the result.
class LoopDriver {
 public:
  LoopDriver() { loop_.start(); }

  io::AsioLoop& loop() { return loop_; }

  /// Runs `work` on the loop; gives what it returns, throws what it throws.
  template <class Work>
  auto on_loop(Work work) {
    std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
    auto result = task.get_future();
    loop_.post([&task] { task(); });
    return result.get();
  }

  /// Runs a coroutine to its end, under `operation`; throws what it throws.
  void run(Operation& operation, const std::function<Task<void>()>& make) {
    std::promise<void> ended;
    std::optional<Task<void>> task;
    loop_.post([&] {
      task.emplace(follow(make, ended));
      task->start(operation);
    });
    auto result = ended.get_future();
    result.wait();
    on_loop([&task] { task.reset(); });
    result.get();
  }
  void run(const std::function<Task<void>()>& make) {
    Operation operation;
    run(operation, make);
  }

 private:
  static Task<void> follow(const std::function<Task<void>()>& make, std::promise<void>& ended) {
    std::exception_ptr error;
    try {
      co_await make();
    } catch (...) {
      error = std::current_exception();
    }
    if (error) {
      ended.set_exception(std::move(error));
    } else {
      ended.set_value();
    }
  }

  io::AsioLoop loop_;
};

}  // namespace penstock::testing
