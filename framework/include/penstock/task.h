// Coroutines for waiting work: Task is what an asynchronous body returns, Completion bridges to callbacks.
//
// Everything here lives on one event-loop thread. A Task starts when it is awaited and inherits the Operation of the
// coroutine that awaits it; stopping the Operation makes the innermost wait throw OperationCancelled.
//
// g++ 12 destroys capturing lambdas and aggregate temporaries inside a co_await expression twice: give them a name on
// the line before, and pass coroutine parameters by value or as references that outlive the coroutine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "penstock/error.h"

namespace penstock {

/// The handle by which a running coroutine is stopped. One per attempt of an item; all nested Tasks share it.
///
/// Invariants: (1) at most one wait is pending at a time, for a coroutine waits for one thing at a time.
/// (2) Once stopped it stays stopped: every later wait throws at once.
/// Thread safety: event-loop thread only.
class Operation {
 public:
  /// What a pending wait must do when the operation stops: end the wait now, with OperationCancelled.
  class Wait {
   public:
    virtual void cancel() noexcept = 0;

   protected:
    ~Wait() = default;
  };

  bool is_stopped() const { return stopped_; }

  /// Stops the operation: the pending wait, and every later one, throws OperationCancelled. The coroutine may be
  /// resumed, and finish, before this returns.
  void stop() noexcept {
    if (std::exchange(stopped_, true)) return;
    if (Wait* wait = std::exchange(wait_, nullptr)) wait->cancel();
  }

  void begin_wait(Wait& wait) { wait_ = &wait; }
  void end_wait() { wait_ = nullptr; }

 private:
  bool stopped_ = false;
  Wait* wait_ = nullptr;
};

template <class T = void>
class Task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation;
  Operation* operation = nullptr;

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      auto next = self.promise().continuation;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::variant<std::monostate, T, std::exception_ptr> result;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& value) {
    result.template emplace<1>(std::forward<U>(value));
  }
  void unhandled_exception() { result.template emplace<2>(std::current_exception()); }
  T take() {
    if (result.index() == 2) std::rethrow_exception(std::get<2>(result));
    return std::move(std::get<1>(result));
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  std::exception_ptr error;
  Task<void> get_return_object();
  void return_void() {}
  void unhandled_exception() { error = std::current_exception(); }
  void take() {
    if (error) std::rethrow_exception(error);
  }
};

}  // namespace detail

/// A lazily started coroutine with a result. Move-only; owns the coroutine's frame.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    std::coroutine_handle<promise_type> task;
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> parent) noexcept {
      task.promise().continuation = parent;
      task.promise().operation = parent.promise().operation;
      return task;
    }
    T await_resume() { return task.promise().take(); }
  };
  Awaiter operator co_await() & noexcept { return Awaiter{handle_}; }
  Awaiter operator co_await() && noexcept { return Awaiter{handle_}; }

  /// Starts a task that nobody awaits; the caller keeps the Task until done() and then calls take(). `on_done` is
  /// resumed once at the end (may be null). Used by the runtime and by tests, not by stages.
  void start(Operation& operation, std::coroutine_handle<> on_done = nullptr) {
    handle_.promise().operation = &operation;
    handle_.promise().continuation = on_done;
    handle_.resume();
  }
  bool done() const { return handle_.done(); }
  T take() { return handle_.promise().take(); }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {
template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
}  // namespace detail

/// The bridge from callbacks: a coroutine awaits it, loop code completes it once. If the operation stops first,
/// `on_cancel` is called (undo the request: no complete() may follow) and the wait throws OperationCancelled.
///
///     Completion<int> answer;
///     answer.on_cancel([&] { library_abort(handle); });
///     library_start(handle, [&](int status) { answer.complete(status); });
///     int status = co_await answer;
///
/// Lives in the coroutine's frame: neither copied nor moved. Thread safety: event-loop thread only.
template <class T = bool>
class Completion final : private Operation::Wait {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void on_cancel(std::function<void()> undo) { undo_ = std::move(undo); }
  /// The wait goes on even when the operation stops: for work that cannot be taken back and uses the frame.
  void shield() { is_shielded_ = true; }
  /// May be called before the wait begins. Resumes the coroutine before it returns.
  void complete(T value) {
    result_.template emplace<1>(std::move(value));
    resume();
  }
  void fail(std::exception_ptr error) {
    result_.template emplace<2>(std::move(error));
    resume();
  }

  bool await_ready() const noexcept { return result_.index() != 0; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiter) {
    operation_ = is_shielded_ ? nullptr : waiter.promise().operation;
    if (operation_ != nullptr && operation_->is_stopped()) {
      if (undo_) undo_();
      result_.template emplace<2>(std::make_exception_ptr(OperationCancelled()));
      return false;
    }
    waiter_ = waiter;
    if (operation_ != nullptr) operation_->begin_wait(*this);
    return true;
  }
  T await_resume() {
    if (result_.index() == 2) std::rethrow_exception(std::get<2>(result_));
    return std::move(std::get<1>(result_));
  }

 private:
  void cancel() noexcept override {
    if (undo_) undo_();
    result_.template emplace<2>(std::make_exception_ptr(OperationCancelled()));
    std::exchange(waiter_, nullptr).resume();
  }
  void resume() {
    if (!waiter_) return;
    if (operation_ != nullptr) operation_->end_wait();
    std::exchange(waiter_, nullptr).resume();
  }

  std::variant<std::monostate, T, std::exception_ptr> result_;
  std::function<void()> undo_;
  bool is_shielded_ = false;
  std::coroutine_handle<> waiter_;
  Operation* operation_ = nullptr;
};

}  // namespace penstock
