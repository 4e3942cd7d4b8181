// A serial stage written as a coroutine: it receives items, yields results, and keeps its state in its locals.
//
//     class Minimum final : public CoroutineTransform<Integer, Integer> {
//       Conversation run() override {
//         std::int64_t least = INT64_MAX;
//         while (const Integer* number = co_await receive()) {
//           least = std::min(least, number->value);
//           const Integer result{least};
//           co_yield result;
//         }
//       }
//     };
//
// g++ 12 destroys aggregate temporaries inside a co_yield expression twice: name the value on the line before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "penstock/error.h"
#include "penstock/stage.h"
#include "penstock/stage_context.h"

namespace penstock {

/// What run() does between two receive() belongs to the item that it received last: a yielded value is that item's
/// result; `co_yield context().drop(reason)` drops it; `co_yield ItemError(…)` fails it; an item for which nothing is
/// yielded is taken in and done. More than one yield for an item throws std::logic_error at the second.
///
/// At the end receive() gives null. What is then yielded, one value at most, is an item of its own (see finish() in
/// stage.h). A cancelled run destroys the coroutine where it waits.
///
/// run() is called when the first item comes. When it returns before the end, later items are dropped. An exception
/// that leaves it fails the item it worked on and every later one: its state is lost.
///
/// Thread safety: the coroutine is never resumed twice at once, but on changing threads.
template <class In, class Out>
class CoroutineTransform : public SerialTransform<In, Maybe<Out>> {
 public:
  static_assert(std::is_same_v<Argument<In>, const In&>, "a coroutine receives a pointer to the payload");

  /// The coroutine. Move-only; owns its frame.
  class Conversation {
   public:
    struct promise_type;

    Conversation(Conversation&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Conversation& operator=(Conversation other) noexcept {
      std::swap(handle_, other.handle_);
      return *this;
    }
    ~Conversation() {
      if (handle_) handle_.destroy();
    }

   private:
    friend CoroutineTransform;
    explicit Conversation(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
  };

  Maybe<Out> process(const In& in, StageContext& context) final {
    if (!conversation_) conversation_.emplace(run());
    promise_type& promise = conversation_->handle_.promise();
    if (promise.error) std::rethrow_exception(promise.error);
    if (conversation_->handle_.done()) return context.drop("the coroutine has ended");
    resume(&in, context);
    if (promise.error) std::rethrow_exception(promise.error);
    return take_result(context);
  }

  std::optional<Out> finish(StageContext& context) {
    if (!conversation_) conversation_.emplace(run());
    promise_type& promise = conversation_->handle_.promise();
    if (promise.error || conversation_->handle_.done()) return std::nullopt;
    resume(nullptr, context);
    if (promise.error) std::rethrow_exception(promise.error);
    Maybe<Out> result = take_result(context);
    if (!result.has_value()) return std::nullopt;
    return std::move(result).value();
  }

 protected:
  /// The body.
  virtual Conversation run() = 0;

  /// `co_await receive()` gives the next item's payload, valid until the next receive(); null at the end.
  class Receive {
   public:
    explicit Receive(CoroutineTransform& stage) : stage_(stage) {}
    bool await_ready() const noexcept { return stage_.has_item_; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    const In* await_resume() const noexcept {
      stage_.has_item_ = false;
      return stage_.item_;
    }

   private:
    CoroutineTransform& stage_;
  };
  Receive receive() { return Receive(*this); }

  /// Of the item that was received last: its key, attributes, set_attribute(), drop() ….
  StageContext& context() { return *context_; }

 private:
  using promise_type = typename Conversation::promise_type;
  using Result = std::variant<std::monostate, Out, Dropped, ItemError>;

  /// Goes on to the next receive(), or to the end.
  void resume(const In* item, StageContext& context) {
    item_ = item;
    has_item_ = true;
    context_ = &context;
    conversation_->handle_.promise().result = std::monostate();
    // The first resumption begins the body, which then meets the item at its first receive().
    conversation_->handle_.resume();
    has_item_ = false;
  }

  Maybe<Out> take_result(StageContext& context) {
    Result result = std::exchange(conversation_->handle_.promise().result, std::monostate());
    if (auto* value = std::get_if<Out>(&result)) return std::move(*value);
    if (auto* dropped = std::get_if<Dropped>(&result)) return std::move(*dropped);
    if (auto* error = std::get_if<ItemError>(&result)) throw std::move(*error);
    return context.absorb();
  }

  std::optional<Conversation> conversation_;
  const In* item_ = nullptr;
  bool has_item_ = false;
  StageContext* context_ = nullptr;
};

template <class In, class Out>
struct CoroutineTransform<In, Out>::Conversation::promise_type {
  Result result;
  std::exception_ptr error;

  Conversation get_return_object() { return Conversation(std::coroutine_handle<promise_type>::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  std::suspend_never yield_value(Result value) {
    if (result.index() != 0) throw std::logic_error("a coroutine stage yielded twice for one item");
    result = std::move(value);
    return {};
  }
  void return_void() {}
  void unhandled_exception() { error = std::current_exception(); }
  Receive await_transform(Receive receive) { return receive; }
};

}  // namespace penstock
