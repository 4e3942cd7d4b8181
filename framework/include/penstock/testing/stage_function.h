// A function that stands in for the body of a stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/detail/stage_body.h"
#include "penstock/generator.h"
#include "penstock/payload.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"

namespace penstock::testing {
namespace detail {

template <class F>
struct SignatureOf : SignatureOf<decltype(&F::operator())> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const> : SignatureOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...)> : SignatureOf<R (*)(A...)> {};
template <class R, class A>
struct SignatureOf<R (*)(A)> {
  using Result = R;
  using Input = std::remove_cvref_t<A>;
  static constexpr bool kTakesContext = false;
};
template <class R, class A>
struct SignatureOf<R (*)(A, StageContext&)> : SignatureOf<R (*)(A)> {
  static constexpr bool kTakesContext = true;
};

template <class T>
struct ValueOf {
  using Type = T;
};
template <class T>
struct ValueOf<Maybe<T>> : ValueOf<T> {};
template <class T>
struct ValueOf<Task<T>> : ValueOf<T> {
  static constexpr bool kIsTask = true;
};
template <class T>
struct ValueOf<Generator<T>> : ValueOf<T> {
  static constexpr bool kIsGenerator = true;
};
template <class T>
constexpr bool kIsTask = requires { ValueOf<T>::kIsTask; };
template <class T>
constexpr bool kIsGenerator = requires { ValueOf<T>::kIsGenerator; };

/// Null for `Payload`, for nothing and for texts that name ports: any type will do.
template <class T>
const PayloadType* type_or_any() {
  if constexpr (requires { PayloadTraits<T>::name; }) {
    return &payload_type<T>();
  } else {
    return nullptr;
  }
}

}  // namespace detail

/// A body without its types, made of a function or lambda `F(const In&)` or `F(const In&, StageContext&)`. `In` is a
/// payload type, or `Payload` for any. What it returns decides what it can stand in for:
///
///     T, Payload, Maybe<T>, void     every kind that makes one of one; void hands on what came
///     Task<of these>                 async_transform only: a coroutine on the event loop
///     Generator<T>                   expand
///     std::string                    route: the name of the port
///     T, for In = std::vector<Payload>    collect: the members, at most as many as the stage holds
///
/// Copies share nothing but what the function refers to. Generic lambdas have no signature to read: give them types.
class StageFunction {
 public:
  enum class Shape { one_to_one, coroutine, expand, route, merge };

  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, StageFunction>)
  StageFunction(F function) {  // NOLINT(google-explicit-constructor): a function is a stage's body
    using Signature = detail::SignatureOf<std::decay_t<F>>;
    using In = typename Signature::Input;
    using Result = typename Signature::Result;
    auto call = [function = std::move(function)](const In& in, StageContext& context) mutable -> Result {
      if constexpr (Signature::kTakesContext) {
        return function(in, context);
      } else {
        return function(in);
      }
    };
    input_ = detail::type_or_any<In>();
    output_ = detail::type_or_any<typename detail::ValueOf<Result>::Type>();
    if constexpr (std::is_same_v<In, std::vector<Payload>>) {
      shape_ = Shape::merge;
      merge = [call](const In& members, StageContext& context) mutable {
        return payload_of<Result>(call(members, context));
      };
    } else if constexpr (std::is_same_v<Result, std::string>) {
      shape_ = Shape::route;
      route = [call](const Payload& in, StageContext& context) mutable { return call(view<In>(in), context); };
    } else if constexpr (detail::kIsGenerator<Result>) {
      shape_ = Shape::expand;
      expand = [call](const Payload& in, StageContext& context) mutable {
        return generate(call(view<In>(in), context));
      };
    } else if constexpr (detail::kIsTask<Result>) {
      shape_ = Shape::coroutine;
      process_async = [call](const Payload& in, StageContext& context) mutable {
        return await(call(view<In>(in), context), in);
      };
    } else if constexpr (std::is_void_v<Result>) {
      process = [call](const Payload& in, StageContext& context) mutable {
        call(view<In>(in), context);
        return Maybe<Payload>(in);
      };
    } else {
      process = [call](const Payload& in, StageContext& context) mutable {
        return any_of(call(view<In>(in), context));
      };
    }
  }

  Shape shape() const { return shape_; }
  /// Null: any.
  const PayloadType* input() const { return input_; }
  const PayloadType* output() const { return output_; }

  // One of these is set, by shape().
  std::function<Maybe<Payload>(const Payload&, StageContext&)> process;
  std::function<Task<Maybe<Payload>>(const Payload&, StageContext&)> process_async;
  std::function<Generator<Payload>(const Payload&, StageContext&)> expand;
  std::function<std::string(const Payload&, StageContext&)> route;
  std::function<Payload(const std::vector<Payload>&, StageContext&)> merge;

 private:
  template <class In>
  static const In& view(const Payload& in) {
    if constexpr (std::is_same_v<In, Payload>) {
      return in;
    } else {
      return in.get<In>();
    }
  }
  template <class T>
  static Payload payload_of(T&& value) {
    if constexpr (std::is_same_v<std::remove_cvref_t<T>, Payload>) {
      return std::forward<T>(value);
    } else {
      return Payload(std::forward<T>(value));
    }
  }
  template <class T>
  static Maybe<Payload> any_of(T value) {
    return Maybe<Payload>(payload_of(std::move(value)));
  }
  template <class T>
  static Maybe<Payload> any_of(Maybe<T> value) {
    if (!value.has_value()) return Maybe<Payload>(Dropped{std::move(value).reason()});
    return any_of(std::move(value).value());
  }
  template <class T>
  static Task<Maybe<Payload>> await(Task<T> task, [[maybe_unused]] Payload in) {
    if constexpr (std::is_void_v<T>) {
      co_await task;
      Maybe<Payload> same = in;
      co_return same;
    } else {
      T value = co_await task;
      Maybe<Payload> result = any_of(std::move(value));
      co_return result;
    }
  }
  template <class T>
  static Generator<Payload> generate(Generator<T> values) {
    while (std::optional<T> value = values.next()) {
      Payload payload = payload_of(std::move(*value));
      co_yield std::move(payload);
    }
  }

  Shape shape_ = Shape::one_to_one;
  const PayloadType* input_ = nullptr;
  const PayloadType* output_ = nullptr;
};

}  // namespace penstock::testing
