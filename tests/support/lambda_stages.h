// Stages of every kind whose bodies are lambdas; LambdaGraph makes graphs of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/stage.h"

namespace penstock::test {

/// What a stage does besides its body.
struct StageHooks {
  std::function<void(StageContext&)> open;
  std::function<void(StageContext&)> close;
};

namespace lambdas {

using Result = Maybe<Payload>;

inline Result result_of(Payload value) { return Result(std::move(value)); }
inline Result result_of(std::int64_t value) { return Result(Payload(Integer{value})); }
inline Result result_of(Dropped dropped) { return Result(std::move(dropped)); }
inline Result result_of(Absorbed absorbed) { return Result(absorbed); }
template <class T>
Result result_of(Maybe<T> value) {
  if (value.is_absorbed()) return Result(Absorbed{});
  if (!value.has_value()) return Result(Dropped{std::move(value).reason()});
  return result_of(std::move(value).value());
}

template <class F>
constexpr bool kTakesNumber = std::is_invocable_v<F&, std::int64_t, StageContext&>;

/// Calls a body with the kind of argument that it takes.
template <class F>
decltype(auto) call(F& body, const Payload& in, StageContext& context) {
  if constexpr (kTakesNumber<F>) {
    return body(in.get<Integer>().value, context);
  } else {
    return body(in, context);
  }
}

using SyncBody = std::function<Result(const Payload&, StageContext&)>;
template <class F>
SyncBody sync_body(F body) {
  return [body = std::move(body)](const Payload& in, StageContext& context) mutable -> Result {
    if constexpr (std::is_void_v<decltype(call(body, in, context))>) {
      call(body, in, context);
      return Result(in);
    } else {
      return result_of(call(body, in, context));
    }
  };
}

template <class T>
Task<Result> await_body(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    co_await task;
    co_return Result(Payload());
  } else {
    T value = co_await task;
    Result result = result_of(std::move(value));
    co_return result;
  }
}
using AsyncFunction = std::function<Task<Result>(const Payload&, StageContext&)>;

template <class T>
Generator<Payload> generate(Generator<T> inner) {
  while (std::optional<T> value = inner.next()) {
    Payload out = result_of(std::move(*value)).value();
    co_yield std::move(out);
  }
}

template <class Kind>
class Hooked : public Kind {
 public:
  explicit Hooked(std::shared_ptr<StageHooks> hooks) : hooks_(std::move(hooks)) {}
  void open(StageContext& context) override {
    if (hooks_->open) hooks_->open(context);
  }
  void close(StageContext& context) override {
    if (hooks_->close) hooks_->close(context);
  }

 private:
  std::shared_ptr<StageHooks> hooks_;
};

class LambdaSource final : public Hooked<Source> {
 public:
  using Next = std::function<std::optional<SourceItem>(StageContext&)>;
  LambdaSource(std::shared_ptr<StageHooks> hooks, Next next, std::optional<std::uint64_t> total)
      : Hooked(std::move(hooks)), next_(std::move(next)), total_(total) {}
  std::optional<SourceItem> next(StageContext& context) override { return next_(context); }
  std::optional<std::uint64_t> total() const override { return total_; }

 private:
  Next next_;
  std::optional<std::uint64_t> total_;
};

class LambdaAsyncSource final : public Hooked<AsyncSource> {
 public:
  using Produce = std::function<Task<void>(SourceOutput&, StageContext&)>;
  LambdaAsyncSource(std::shared_ptr<StageHooks> hooks, Produce produce)
      : Hooked(std::move(hooks)), produce_(std::move(produce)) {}
  Task<void> produce(SourceOutput& output, StageContext& context) override { return produce_(output, context); }

 private:
  Produce produce_;
};

/// Transform, SerialTransform and BlockingTransform.
template <class Kind>
class LambdaBody : public Hooked<Kind> {
 public:
  LambdaBody(std::shared_ptr<StageHooks> hooks, SyncBody body)
      : Hooked<Kind>(std::move(hooks)), body_(std::move(body)) {}

 protected:
  SyncBody body_;
};
class LambdaTransform : public LambdaBody<Transform<Payload, Result>> {
 public:
  using LambdaBody::LambdaBody;
  Result process(const Payload& in, StageContext& context) const override { return body_(in, context); }
};
class LambdaMeasured final : public LambdaTransform {
 public:
  using Need = std::function<std::uint64_t(const Payload&)>;
  LambdaMeasured(std::shared_ptr<StageHooks> hooks, SyncBody body, Need need)
      : LambdaTransform(std::move(hooks), std::move(body)), need_(std::move(need)) {}
  std::uint64_t memory_need(const Payload& in, const StageContext&) const { return need_(in); }

 private:
  Need need_;
};
class LambdaSerial : public LambdaBody<SerialTransform<Payload, Result>> {
 public:
  using LambdaBody::LambdaBody;
  Result process(const Payload& in, StageContext& context) override { return body_(in, context); }
};
/// A body and what it emits at its end.
template <class Base>
class LambdaFinish final : public Base {
 public:
  using Finish = std::function<std::optional<std::int64_t>(StageContext&)>;
  LambdaFinish(std::shared_ptr<StageHooks> hooks, SyncBody body, Finish finish)
      : Base(std::move(hooks), std::move(body)), finish_(std::move(finish)) {}
  std::optional<Payload> finish(StageContext& context) {
    const std::optional<std::int64_t> value = finish_(context);
    if (!value) return std::nullopt;
    return Payload(Integer{*value});
  }

 private:
  Finish finish_;
};
class LambdaBlocking final : public LambdaBody<BlockingTransform<Payload, Result>> {
 public:
  using LambdaBody::LambdaBody;
  Result process(const Payload& in, StageContext& context) const override { return body_(in, context); }
};

class LambdaAsync final : public Hooked<AsyncTransform<Payload, Result>> {
 public:
  LambdaAsync(std::shared_ptr<StageHooks> hooks, AsyncFunction body)
      : Hooked(std::move(hooks)), body_(std::move(body)) {}
  Task<Result> process(const Payload& in, StageContext& context) override { return body_(in, context); }

 private:
  AsyncFunction body_;
};

class LambdaExpand : public Hooked<Expand<Payload, Payload>> {
 public:
  using Body = std::function<Generator<Payload>(const Payload&, StageContext&)>;
  LambdaExpand(std::shared_ptr<StageHooks> hooks, Body body) : Hooked(std::move(hooks)), body_(std::move(body)) {}
  Generator<Payload> process(const Payload& in, StageContext& context) const override { return body_(in, context); }

 private:
  Body body_;
};

class LambdaMeasuredExpand final : public LambdaExpand {
 public:
  using Need = std::function<std::uint64_t(const Payload&)>;
  LambdaMeasuredExpand(std::shared_ptr<StageHooks> hooks, Body body, Need need)
      : LambdaExpand(std::move(hooks), std::move(body)), need_(std::move(need)) {}
  std::uint64_t memory_need(const Payload& in, const StageContext&) const { return need_(in); }

 private:
  Need need_;
};

class LambdaCollect final : public Hooked<Collect<Payload, Payload>> {
 public:
  using Merge = std::function<std::int64_t(const std::vector<std::int64_t>&)>;
  LambdaCollect(std::shared_ptr<StageHooks> hooks, std::size_t members, Merge merge, std::optional<Duration> delay)
      : Hooked(std::move(hooks)), members_(members), merge_(std::move(merge)), delay_(delay) {}
  std::optional<Payload> add(const Payload& in, StageContext& context) override {
    held_.push_back(in.get<Integer>().value);
    if (held_.size() < members_) return std::nullopt;
    return flush(context);
  }
  Payload flush(StageContext&) override {
    const std::vector<std::int64_t> held = std::exchange(held_, {});
    return Payload(Integer{merge_(held)});
  }
  std::size_t max_members() const override { return members_; }
  std::optional<Duration> max_delay() const override { return delay_; }

 private:
  std::size_t members_;
  Merge merge_;
  std::optional<Duration> delay_;
  std::vector<std::int64_t> held_;
};

class LambdaRoute final : public Hooked<Route<Payload>> {
 public:
  using Body = std::function<std::optional<std::size_t>(std::int64_t)>;
  LambdaRoute(std::shared_ptr<StageHooks> hooks, std::vector<std::string> ports, Body body)
      : Hooked(std::move(hooks)), ports_(std::move(ports)), body_(std::move(body)) {}
  std::vector<std::string> ports() const override { return ports_; }
  std::optional<std::size_t> route(const Payload& in, const StageContext&) const override {
    return body_(in.get<Integer>().value);
  }

 private:
  std::vector<std::string> ports_;
  Body body_;
};

}  // namespace lambdas

}  // namespace penstock::test
