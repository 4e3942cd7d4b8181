// The untyped face that the runtime drives, and the adapters that give each typed stage this face.
//
// An adapter knows the concrete class, so its loop over a strip of pieces calls the body directly; the runtime pays
// one virtual call per strip. Exceptions end here: every piece leaves with a verdict.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/detail/piece.h"
#include "penstock/export.h"
#include "penstock/stage.h"

namespace penstock {

enum class StageKind {
  source,
  async_source,
  transform,
  serial_transform,
  async_transform,
  blocking_transform,
  expand,
  collect,
  route
};

namespace detail {

/// An opened expansion of one piece. Destroyed when it is over or abandoned.
class Expansion {
 public:
  virtual ~Expansion() = default;
  /// Computes the next child into `child` (whose attributes are those of the parent). False: no more, `child` unused.
  /// A thrown error leaves its verdict in `child` and ends the expansion (true is returned for that child).
  virtual bool next(Piece& child, StageContext& context) = 0;
};

/// What a body did to a strip of pieces.
struct StripResult {
  bool all_emitted = true;  ///< Every piece leaves with Verdict::emit.
  std::uint64_t bytes = 0;  ///< Held by the payloads of those that do.
};

/// One stage of one run. Exactly one of the call groups applies, by kind().
class PENSTOCK_API StageBody {
 public:
  virtual ~StageBody() = default;
  virtual StageKind kind() const = 0;
  virtual void open(StageContext& context) = 0;
  virtual void close(StageContext& context) = 0;

  // source
  virtual std::optional<SourceItem> next(StageContext&) { return std::nullopt; }
  virtual std::optional<std::uint64_t> total() const { return std::nullopt; }
  // async_source
  virtual Task<void> produce(SourceOutput& output, StageContext& context);
  // transform, serial_transform, blocking_transform, route: sets payload, attributes, port and verdict of each piece.
  // `may_move`: the input is not needed again when a piece fails.
  virtual StripResult process(std::span<Piece* const> strip, StageContext& context, bool may_move);
  // transform, serial_transform, expand: bytes to reserve before process() is called; 0 for none.
  virtual bool has_memory_need() const { return false; }
  virtual std::uint64_t memory_need(Piece&, StageContext&) const { return 0; }
  // transform, serial_transform that declare finish(): fills the item that the stage emits at the end. False: none.
  virtual bool finish(Piece& piece, StageContext& context);
  // async_transform: one piece, verdict set at the end; nothing is thrown.
  virtual Task<void> process_async(Piece& piece, StageContext& context, bool may_move);
  // expand
  virtual std::unique_ptr<Expansion> expand(Piece& parent, StageContext& context);
  // collect: true when `merged` was filled (payload and attributes), by add or flush.
  virtual bool add(Piece& member, Piece& merged, StageContext& context);
  virtual void flush(Piece& merged, StageContext& context);
  virtual std::size_t max_members() const { return 1; }
  virtual std::optional<Duration> max_delay() const { return std::nullopt; }
  // route
  virtual std::vector<std::string> ports() const { return {}; }
};

template <class T>
struct IsMaybe : std::false_type {};
template <class T>
struct IsMaybe<Maybe<T>> : std::true_type {};

/// What a body emits: T for Maybe<T>.
template <class T>
struct EmittedBy : std::type_identity<T> {};
template <class T>
struct EmittedBy<Maybe<T>> : std::type_identity<T> {};

template <class In>
decltype(auto) argument_of(Piece& piece, [[maybe_unused]] bool may_move) {
  using Value = typename ArgumentOf<In>::Value;
  if constexpr (std::is_same_v<In, Payload>) {
    return static_cast<const Payload&>(piece.payload);
  } else if constexpr (std::is_same_v<In, Owned<Value>>) {
    if (may_move) return Value(piece.payload.template take<Value>());
    return Value(Payload(piece.payload).template take<Value>());
  } else {
    return static_cast<const Value&>(piece.payload.template get<Value>());
  }
}

template <class Out>
void store_result(Piece& piece, Out&& out) {
  using Value = std::remove_cvref_t<Out>;
  if constexpr (IsMaybe<Value>::value) {
    if (out.has_value()) {
      store_result(piece, std::forward<Out>(out).value());
    } else if (out.is_absorbed()) {
      piece.verdict = Verdict::absorb;
    } else {
      piece.drop(std::forward<Out>(out).reason());
    }
  } else if constexpr (std::is_same_v<Value, Payload>) {
    piece.payload = std::forward<Out>(out);
  } else {
    piece.payload.template emplace<Value>(std::forward<Out>(out));
  }
}

/// Bytes held by a payload that store_result<Out>() has just filled.
template <class Out>
std::uint64_t bytes_of_result(const Payload& payload) {
  if constexpr (std::is_void_v<Out> || std::is_same_v<Out, Payload>) {
    return payload.bytes();
  } else if constexpr (IsMaybe<Out>::value) {
    return bytes_of_result<std::remove_cvref_t<decltype(std::declval<Out>().value())>>(payload);
  } else if constexpr (Payload::fits_inside<Out>) {
    return payload_type<Out>().inside_bytes;
  } else {
    return PayloadTraits<Out>::bytes(payload.get<Out>());
  }
}

template <StageKind Kind, class S>
class BodyOf : public StageBody {
 public:
  static constexpr StageKind kKind = Kind;
  template <class... Arguments>
  explicit BodyOf(Arguments&&... arguments) : stage_(std::forward<Arguments>(arguments)...) {}
  StageKind kind() const override { return Kind; }
  void open(StageContext& context) override { stage_.open(context); }
  void close(StageContext& context) override { stage_.close(context); }

 protected:
  S stage_;
};

/// Of a stage that may declare what a body will need.
template <StageKind Kind, class S>
class MeasuredBody : public BodyOf<Kind, S> {
 public:
  using BodyOf<Kind, S>::BodyOf;
  using In = typename S::Input;

  static constexpr bool kHasMemoryNeed =
      requires(const S& s, const typename ArgumentOf<In>::Value& in, const StageContext& c) { s.memory_need(in, c); };
  static_assert(!kHasMemoryNeed || Kind != StageKind::blocking_transform, "memory_need() is for compute stages");
  bool has_memory_need() const override { return kHasMemoryNeed; }
  std::uint64_t memory_need(Piece& piece, StageContext& context) const override {
    if constexpr (kHasMemoryNeed) {
      context.bind(piece);
      if constexpr (std::is_same_v<In, Payload>) {
        return this->stage_.memory_need(piece.payload, context);
      } else {
        return this->stage_.memory_need(piece.payload.template get<typename ArgumentOf<In>::Value>(), context);
      }
    } else {
      return 0;
    }
  }
};

template <StageKind Kind, class S>
class ComputeBody final : public MeasuredBody<Kind, S> {
 public:
  using MeasuredBody<Kind, S>::MeasuredBody;
  using In = typename S::Input;
  using Out = typename S::Output;

  StripResult process(std::span<Piece* const> strip, StageContext& context, bool may_move) override {
    StripResult result;
    for (Piece* piece : strip) {
      context.bind(*piece);
      try {
        if constexpr (std::is_void_v<Out>) {
          this->stage_.S::process(argument_of<In>(*piece, may_move), context);
        } else {
          store_result(*piece, this->stage_.S::process(argument_of<In>(*piece, may_move), context));
          if constexpr (IsMaybe<Out>::value) {
            if (piece->verdict != Verdict::emit) {
              result.all_emitted = false;
              continue;
            }
          }
        }
        result.bytes += bytes_of_result<Out>(piece->payload);
      } catch (...) {
        fail_from_current_exception(*piece);
        context.restore_attributes();
        result.all_emitted = false;
      }
    }
    return result;
  }
  static constexpr bool kHasFinish = requires(S& s, StageContext& c) { s.finish(c); };
  static_assert(!kHasFinish || Kind != StageKind::blocking_transform, "finish() is for compute stages");
  bool finish(Piece& piece, StageContext& context) override {
    if constexpr (kHasFinish) {
      context.bind(piece);
      try {
        std::optional<typename EmittedBy<Out>::type> value = this->stage_.finish(context);
        if (!value) return false;
        store_result(piece, std::move(*value));
      } catch (...) {
        fail_from_current_exception(piece);
        context.restore_attributes();
      }
      return true;
    } else {
      return StageBody::finish(piece, context);
    }
  }
};

template <class S>
class AsyncBody final : public BodyOf<StageKind::async_transform, S> {
 public:
  using BodyOf<StageKind::async_transform, S>::BodyOf;
  using In = typename S::Input;
  using Out = typename S::Output;

  Task<void> process_async(Piece& piece, StageContext& context, bool may_move) override {
    context.bind(piece);
    // The body sees its own reference to the payload: the piece keeps the input for a retry or the failed port.
    Payload input = piece.payload;
    if (may_move) piece.payload = Payload();
    Piece holder;
    holder.payload = std::move(input);
    try {
      if constexpr (std::is_void_v<Out>) {
        co_await this->stage_.process(argument_of<In>(holder, true), context);
      } else {
        auto out = co_await this->stage_.process(argument_of<In>(holder, true), context);
        store_result(piece, std::move(out));
      }
    } catch (const OperationCancelled&) {
      context.restore_attributes();
      piece.verdict = Verdict::cancel;
    } catch (...) {
      fail_from_current_exception(piece);
      context.restore_attributes();
    }
  }
};

template <class S>
class SourceBody final : public BodyOf<StageKind::source, S> {
 public:
  using BodyOf<StageKind::source, S>::BodyOf;
  std::optional<SourceItem> next(StageContext& context) override { return this->stage_.S::next(context); }
  std::optional<std::uint64_t> total() const override { return this->stage_.total(); }
};

template <class S>
class AsyncSourceBody final : public BodyOf<StageKind::async_source, S> {
 public:
  using BodyOf<StageKind::async_source, S>::BodyOf;
  Task<void> produce(SourceOutput& output, StageContext& context) override {
    co_await this->stage_.produce(output, context);  // Also what is thrown before the first wait belongs to the task.
  }
};

/// What an expansion has reserved, at the hand of the child that is being made: keep() takes from it.
class LentCharge {
 public:
  LentCharge(Piece& parent, Piece& child) : parent_(parent), child_(child) { pass(parent_, child_); }
  LentCharge(const LentCharge&) = delete;
  LentCharge& operator=(const LentCharge&) = delete;
  ~LentCharge() { pass(child_, parent_); }

 private:
  static void pass(Piece& from, Piece& to) {
    if (from.extra && from.extra->charge.bytes() > 0) to.more().charge = std::move(from.extra->charge);
  }
  Piece& parent_;
  Piece& child_;
};

template <class S>
class ExpandBody final : public MeasuredBody<StageKind::expand, S> {
 public:
  using MeasuredBody<StageKind::expand, S>::MeasuredBody;
  using In = typename S::Input;
  using Out = typename S::Output;

  std::unique_ptr<Expansion> expand(Piece& parent, StageContext& context) override {
    return std::make_unique<Running>(this->stage_, parent, context);
  }

 private:
  class Running final : public Expansion {
   public:
    Running(const S& stage, Piece& parent, StageContext& context)
        : input_(parent.payload), context_(context), stage_(stage), parent_(parent) {}
    bool next(Piece& child, StageContext&) override {
      const LentCharge lent(parent_, child);
      context_.bind(child);
      try {
        if (!generator_) {
          if constexpr (std::is_same_v<In, Payload>) {
            generator_.emplace(stage_.process(input_, context_));
          } else {
            generator_.emplace(stage_.process(input_.template get<In>(), context_));
          }
        }
        std::optional<Out> value = generator_->next();
        if (!value) return false;
        store_result(child, std::move(*value));
        return true;
      } catch (...) {
        fail_from_current_exception(child);
        context_.restore_attributes();
        return true;
      }
    }

   private:
    Payload input_;
    StageContext context_;  // The generator keeps a reference to it between calls.
    const S& stage_;
    Piece& parent_;
    std::optional<Generator<Out>> generator_;
  };
};

template <class S>
class CollectBody final : public BodyOf<StageKind::collect, S> {
 public:
  using BodyOf<StageKind::collect, S>::BodyOf;
  using In = typename S::Input;
  using Out = typename S::Output;

  bool add(Piece& member, Piece& merged, StageContext& context) override {
    context.bind(member);
    std::optional<Out> out;
    try {
      if constexpr (std::is_same_v<In, Payload>) {
        out = this->stage_.add(member.payload, context);
      } else {
        out = this->stage_.add(member.payload.template get<In>(), context);
      }
    } catch (...) {
      fail_from_current_exception(member);
      context.restore_attributes();
      return false;
    }
    if (!out) return false;
    merged.attributes = context.take_touched_attributes();
    store_result(merged, std::move(*out));
    return true;
  }
  void flush(Piece& merged, StageContext& context) override {
    context.bind(merged);
    try {
      store_result(merged, this->stage_.flush(context));
    } catch (...) {
      fail_from_current_exception(merged);
    }
  }
  std::size_t max_members() const override { return this->stage_.max_members(); }
  std::optional<Duration> max_delay() const override { return this->stage_.max_delay(); }
};

template <class S>
class RouteBody final : public BodyOf<StageKind::route, S> {
 public:
  using BodyOf<StageKind::route, S>::BodyOf;
  using In = typename S::Input;

  StripResult process(std::span<Piece* const> strip, StageContext& context, bool) override {
    StripResult result;
    for (Piece* piece : strip) {
      context.bind(*piece);
      try {
        const std::optional<std::size_t> port = this->stage_.route(argument_of<In>(*piece, false), context);
        if (port) {
          piece->port = static_cast<std::uint16_t>(*port);
          result.bytes += piece->payload.bytes();
        } else {
          piece->drop("no port takes it");
          result.all_emitted = false;
        }
      } catch (...) {
        fail_from_current_exception(*piece);
        context.restore_attributes();
        result.all_emitted = false;
      }
    }
    return result;
  }
  std::vector<std::string> ports() const override { return this->stage_.ports(); }
};

/// The adapter for a stage class, found by the kind that it derives from.
template <class S>
struct BodyFor {
  template <class T>
  static constexpr bool derives_from = std::is_base_of_v<T, S>;
  template <class X>
  static auto select() {
    if constexpr (derives_from<Source>) {
      return std::type_identity<SourceBody<S>>();
    } else if constexpr (derives_from<AsyncSource>) {
      return std::type_identity<AsyncSourceBody<S>>();
    } else if constexpr (requires { typename X::Output; }) {
      using In = typename X::Input;
      using Out = typename X::Output;
      if constexpr (derives_from<Transform<In, Out>>) {
        return std::type_identity<ComputeBody<StageKind::transform, S>>();
      } else if constexpr (derives_from<SerialTransform<In, Out>>) {
        return std::type_identity<ComputeBody<StageKind::serial_transform, S>>();
      } else if constexpr (derives_from<BlockingTransform<In, Out>>) {
        return std::type_identity<ComputeBody<StageKind::blocking_transform, S>>();
      } else if constexpr (derives_from<AsyncTransform<In, Out>>) {
        return std::type_identity<AsyncBody<S>>();
      } else if constexpr (derives_from<Expand<In, Out>>) {
        return std::type_identity<ExpandBody<S>>();
      } else {
        static_assert(derives_from<Collect<In, Out>>, "a stage derives from one of the kinds in penstock/stage.h");
        return std::type_identity<CollectBody<S>>();
      }
    } else {
      static_assert(derives_from<Route<typename X::Input>>,
                    "a stage derives from one of the kinds in penstock/stage.h");
      return std::type_identity<RouteBody<S>>();
    }
  }
  using Type = typename decltype(select<S>())::type;
};

}  // namespace detail
}  // namespace penstock
