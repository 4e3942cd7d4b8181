// A lazy sequence written as a coroutine: the body of an Expand stage.
//
// g++ 12 destroys aggregate temporaries inside a co_yield expression twice: name the value on the line before
// (`Text text{…}; co_yield std::move(text);`).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace penstock {

/// Yields values one at a time, each computed when next() asks for it. Move-only; destroying it destroys the
/// coroutine's locals. Thread safety: used by one thread at a time; successive calls may come from different threads.
template <class T>
class Generator {
 public:
  struct promise_type {
    std::optional<T> value;
    std::exception_ptr error;

    Generator get_return_object() { return Generator(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T v) {
      value.emplace(std::move(v));
      return {};
    }
    void return_void() {}
    void unhandled_exception() { error = std::current_exception(); }
    void await_transform() = delete;  // A generator computes; it never waits.
  };

  Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Generator& operator=(Generator other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Generator() {
    if (handle_) handle_.destroy();
  }

  /// The next value, or nothing at the end. Rethrows what the body threw.
  std::optional<T> next() {
    if (!handle_ || handle_.done()) return std::nullopt;
    handle_.promise().value.reset();
    handle_.resume();
    if (handle_.promise().error) std::rethrow_exception(std::exchange(handle_.promise().error, nullptr));
    if (handle_.done()) return std::nullopt;
    return std::move(handle_.promise().value);
  }

 private:
  explicit Generator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace penstock
