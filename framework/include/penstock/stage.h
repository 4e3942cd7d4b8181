// The kinds of stage. An author derives from one of them, writes its body, and describes it once (stage_spec.h).
//
// Life: construct (pure) → open (acquire; may throw) → bodies … → close (always once, also after failure or cancel).
// Nothing starts before every stage has opened. open() and close() of the asynchronous kinds run on the event loop,
// those of the other kinds on a thread that may block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "penstock/generator.h"
#include "penstock/item.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"
#include "penstock/units.h"

namespace penstock {

/// As an input type: the body takes the value itself instead of a reference. It is given a move when the piece is the
/// value's only owner and nothing (a retry, a read `failed` port) needs the input again, else a copy.
template <class T>
struct Owned {};

namespace detail {
template <class In>
struct ArgumentOf {
  using Value = In;
  using Type = const In&;
};
template <class T>
struct ArgumentOf<Owned<T>> {
  using Value = T;
  using Type = T;
};
}  // namespace detail

/// How a body takes its input: `const In&`, or `T` for `Owned<T>`.
template <class In>
using Argument = typename detail::ArgumentOf<In>::Type;

/// What all kinds share.
class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  virtual void open(StageContext&) {}
  virtual void close(StageContext&) {}
};

// `In` and `Out` are payload types (payload.h). `In = Payload` takes any type; `Out = Payload` then hands the same type
// on (declare it with output_same_as_input()). `Out = void` makes a sink, `Out = Maybe<T>` may drop or absorb.

/// Emits items from regular files or from computation. next() runs on one thread at a time; it may read a regular
/// file, and must not wait for anything else. Nothing means the end.
class Source : public Stage {
 public:
  virtual std::optional<SourceItem> next(StageContext& context) = 0;
  /// Total number of items if it is known before the end, for progress.
  virtual std::optional<std::uint64_t> total() const { return std::nullopt; }
};

/// Where an AsyncSource emits. Event-loop thread only.
class SourceOutput {
 public:
  /// Waits for the gate, then admits the item. Throws OperationCancelled when the run drains or cancels.
  virtual Task<void> emit(SourceItem item) = 0;
  /// Admits the item at once and takes it, without a coroutine: for sources that have many items at hand. False leaves
  /// the item as it is, and the caller must `co_await emit(std::move(item))`: the gate is shut, the run stops, or the
  /// loop is due for a turn.
  virtual bool try_emit(SourceItem&) { return false; }

 protected:
  ~SourceOutput() = default;
};

/// Emits items from anything that may be silent: pipes, standard input, sockets, the host. A coroutine on the event
/// loop that ends when its input ends; a drain stops it at its next wait with OperationCancelled.
class AsyncSource : public Stage {
 public:
  virtual Task<void> produce(SourceOutput& output, StageContext& context) = 0;
};

/// Computes on oneTBB workers, several at once: `const`. Never waits.
template <class In, class Out>
class Transform : public Stage {
 public:
  using Input = In;
  using Output = Out;
  virtual Out process(Argument<In> in, StageContext& context) const = 0;
  // Optional, here and in a SerialTransform:
  //
  // std::uint64_t memory_need(const In&, const StageContext&) const; the bytes that process() will need at its peak.
  // The runtime reserves them before it calls process().
  //
  // std::optional<T> finish(StageContext&), with T for `Out = T` or `Out = Maybe<T>`: what a stage that absorbs its
  // items emits at the end, after its last item and before close(); not when the run was cancelled. It is an item of
  // its own, admitted within the limits, whose key is the name of the stage.
};

/// The same with state: never entered twice at once, on changing threads.
template <class In, class Out>
class SerialTransform : public Stage {
 public:
  using Input = In;
  using Output = Out;
  virtual Out process(Argument<In> in, StageContext& context) = 0;
};

/// A coroutine on the event loop: thousands in flight on one thread. References stay valid until it ends.
template <class In, class Out>
class AsyncTransform : public Stage {
 public:
  using Input = In;
  using Output = Out;
  virtual Task<Out> process(Argument<In> in, StageContext& context) = 0;
};

/// An ordinary blocking call on threads of its own, never on a oneTBB worker. `const`: several at once, up to the
/// stage's `concurrency` (default 4).
template <class In, class Out>
class BlockingTransform : public Stage {
 public:
  using Input = In;
  using Output = Out;
  virtual Out process(Argument<In> in, StageContext& context) const = 0;
};

/// One item into many, lazily: each value is computed when the limits allow one more piece. The parent is done when
/// all its children are. set_attribute() before a `co_yield` sets it on that child only. The body sees each item once
/// (no retry). The input stays valid until the generator is destroyed. May have a memory_need() as a Transform:
/// reserved until the generator ends, but for what the values keep().
template <class In, class Out>
class Expand : public Stage {
 public:
  using Input = In;
  using Output = Out;
  virtual Generator<Out> process(const In& in, StageContext& context) const = 0;
};

/// Many items into one. Serial. The emitted item carries the tokens of everything added since the last emission and
/// the key of the first of them. flush() is called at the end, and earlier when the pipeline could not go on otherwise.
template <class In, class Out>
class Collect : public Stage {
 public:
  using Input = In;
  using Output = Out;
  /// Takes one item in; gives the merged value when that completes it.
  virtual std::optional<Out> add(const In& in, StageContext& context) = 0;
  /// The merged value of what is there. REQUIRES: something was added since the last emission.
  virtual Out flush(StageContext& context) = 0;
  /// The most items it ever holds; `check` proves that they fit the limits. At least 1.
  virtual std::size_t max_members() const = 0;
  /// How long an item is held at most: then flush() is called. Nothing: until the others have come.
  virtual std::optional<Duration> max_delay() const { return std::nullopt; }
};

/// Sends each item to one of its named ports, unchanged. The ports come from the options.
template <class In>
class Route : public Stage {
 public:
  using Input = In;
  virtual std::vector<std::string> ports() const = 0;
  /// Index into ports(), or nothing: the item is dropped with the reason "no port takes it".
  virtual std::optional<std::size_t> route(const In& in, const StageContext& context) const = 0;
};

}  // namespace penstock
