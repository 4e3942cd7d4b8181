// What a stage's body may ask of the run while it works on an item.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/attributes.h"
#include "penstock/detail/piece.h"
#include "penstock/event_loop.h"
#include "penstock/memory.h"
#include "penstock/task.h"

namespace penstock {

/// What `context.drop(reason)` gives: convertible to Maybe<Out>.
struct Dropped {
  std::string reason;
};

/// What `context.absorb()` gives: convertible to Maybe<Out>.
struct Absorbed {};

/// The result of a body that may emit nothing for its item: `Transform<In, Maybe<Out>>`.
template <class T>
class Maybe {
 public:
  Maybe(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor): returned as a T
  Maybe(Dropped dropped) : reason_(std::move(dropped.reason)) {}  // NOLINT(google-explicit-constructor)
  Maybe(Absorbed) : is_absorbed_(true) {}                         // NOLINT(google-explicit-constructor)
  bool has_value() const { return value_.has_value(); }
  bool is_absorbed() const { return is_absorbed_; }
  T&& value() && { return std::move(*value_); }
  std::string&& reason() && { return std::move(reason_); }

 private:
  std::optional<T> value_;
  std::string reason_;
  bool is_absorbed_ = false;
};

namespace detail {

/// What the runtime offers to contexts. One per run; every member may be called from any thread unless it says else.
class RunServices {
 public:
  virtual EventLoop& loop() = 0;
  /// Runs `work` on a thread that may block. Never refused; at most a bounded number run at once.
  virtual void run_blocking(std::function<void()> work) = 0;
  /// Runs `work` in the arena for nested parallelism and returns when it is done.
  virtual void run_parallel(const std::function<void()>& work) = 0;
  /// Event-loop thread only.
  virtual Task<MemoryCharge> reserve(Piece& piece, std::uint64_t bytes) = 0;
  virtual bool is_cancelled() const = 0;
  /// Adds to a counter that the type of this stage declares; throws std::logic_error when it does not.
  virtual void count(std::string_view stage_name, std::string_view counter, std::uint64_t n) = 0;

 protected:
  ~RunServices() = default;
};

}  // namespace detail

/// Handed to every body. Valid until the body returns (for a coroutine: until it ends). Never kept.
///
/// Thread safety: used by the one thread that runs the body, except stop_requested().
class StageContext {
 public:
  StageContext(detail::RunServices& services, std::string_view stage_name)
      : services_(&services), stage_name_(stage_name) {}

  /// Name of the stage in the pipeline.
  std::string_view stage_name() const { return stage_name_; }

  /// The item. Not available in sources, open() and close().
  const std::string& key() const { return detail::key_of(*piece_); }
  const Attributes& attributes() const { return piece_->attributes; }
  /// Sets an attribute on what the body emits. If the body fails, the item keeps the attributes it came with.
  void set_attribute(std::string_view name, AttributeValue value) {
    if (!is_touched_) {
      saved_ = piece_->attributes;
      is_touched_ = true;
    }
    piece_->attributes.set(name, std::move(value));
  }
  /// Which attempt this is, from 1.
  unsigned attempt() const { return piece_->attempts; }

  /// `return context.drop("smaller than 100 pixels");` in a body whose result is Maybe<Out>.
  [[nodiscard]] Dropped drop(std::string reason) const { return Dropped{std::move(reason)}; }
  /// `return context.absorb();` in such a body: the stage has taken the item in, which is done with that.
  [[nodiscard]] Absorbed absorb() const { return {}; }

  /// Adds to a counter that the stage declares (StageDescription::counter); throws std::logic_error for any other name.
  /// Some 20 ns.
  void count(std::string_view counter, std::uint64_t n = 1) { services_->count(stage_name_, counter, n); }

  /// True once the run is cancelled: a long body should throw OperationCancelled soon. Any thread.
  bool stop_requested() const { return services_->is_cancelled(); }

  /// Runs `work` where nested oneTBB algorithms (parallel_for …) are safe: in an arena of their own, so that a thread
  /// that waits inside never picks up another item. Nothing may be emitted and no lock held across it.
  /// For compute bodies only.
  void parallel(const std::function<void()>& work) { services_->run_parallel(work); }

  // --- For coroutine bodies, on the event loop ---

  EventLoop& loop() { return services_->loop(); }
  Task<void> sleep_for(Duration delay) { return services_->loop().sleep_for(delay); }

  /// Reserves memory before it is allocated; waits while the budget is full. The charge goes into the payload.
  Task<MemoryCharge> reserve(std::uint64_t bytes) {
    if (piece_ == nullptr) throw std::logic_error("penstock: reserve() is for bodies that work on an item");
    return services_->reserve(*piece_, bytes);
  }

  // --- For compute bodies that declare a memory_need() ---

  /// Takes over the part of what was reserved that the result goes on holding; at most what is there. The charge goes
  /// into the payload.
  MemoryCharge keep(std::uint64_t bytes) { return piece_->extra ? piece_->extra->charge.split(bytes) : MemoryCharge(); }

  /// Runs `work` on a thread that may block (file operations …) and resumes the coroutine on the loop with its result.
  /// Work that has begun is always waited for, also on cancel. Name the lambda before the co_await (see task.h).
  template <class Work>
  Task<std::invoke_result_t<Work&>> blocking(Work work);

  // --- For the runtime ---

  void bind(detail::Piece& piece) {
    piece_ = &piece;
    if (is_touched_) {
      is_touched_ = false;
      saved_ = Attributes();
    }
  }
  /// Takes back what set_attribute() did since bind().
  void restore_attributes() {
    if (!is_touched_) return;
    piece_->attributes = std::move(saved_);
    is_touched_ = false;
  }
  /// The attributes that set_attribute() has changed since bind(), with those that the item came with; none when it
  /// was not called. The item gets its own back.
  Attributes take_touched_attributes() {
    if (!is_touched_) return {};
    Attributes taken = std::move(piece_->attributes);
    restore_attributes();
    return taken;
  }
  detail::RunServices& services() { return *services_; }

 private:
  detail::RunServices* services_;
  std::string_view stage_name_;
  detail::Piece* piece_ = nullptr;
  Attributes saved_;
  bool is_touched_ = false;
};

template <class Work>
Task<std::invoke_result_t<Work&>> StageContext::blocking(Work work) {
  using Result = std::invoke_result_t<Work&>;
  using Stored = std::conditional_t<std::is_void_v<Result>, bool, Result>;
  detail::RunServices& services = *services_;
  Completion<Stored> done;
  done.shield();  // `work` uses this frame and cannot be taken back.
  std::function<void()> job = [&services, &done, &work] {
    std::exception_ptr error;
    try {
      if constexpr (std::is_void_v<Result>) {
        work();
        services.loop().post([&done] { done.complete(true); });
      } else {
        auto value = std::make_shared<Stored>(work());
        services.loop().post([&done, value] { done.complete(std::move(*value)); });
      }
      return;
    } catch (...) {
      error = std::current_exception();
    }
    // Behind the handler, and moved: this thread is done with the exception when the loop takes it.
    services.loop().post([&done, error = std::move(error)] { done.fail(error); });
  };
  services.run_blocking(std::move(job));
  if constexpr (std::is_void_v<Result>) {
    co_await done;
  } else {
    co_return co_await done;
  }
}

}  // namespace penstock
