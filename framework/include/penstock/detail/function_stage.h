// Stages made of functions: what Registry::transform() and its like derive from the parameters and the result of a
// lambda.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "penstock/detail/stage_body.h"
#include "penstock/generator.h"
#include "penstock/payload.h"
#include "penstock/stage.h"
#include "penstock/stage_spec.h"
#include "penstock/task.h"

namespace penstock::detail {

/// Result and parameters of something that can be called in one way only.
template <class F>
struct CallOf : CallOf<decltype(&F::operator())> {};
template <class R, class... A>
struct CallOf<R (*)(A...)> {
  using Result = R;
  using Arguments = std::tuple<A...>;
};
template <class R, class... A>
struct CallOf<R (*)(A...) noexcept> : CallOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallOf<R (C::*)(A...)> : CallOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallOf<R (C::*)(A...) const> : CallOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallOf<R (C::*)(A...) noexcept> : CallOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct CallOf<R (C::*)(A...) const noexcept> : CallOf<R (*)(A...)> {};

template <class F>
concept OneWayCallable = std::is_pointer_v<F> || requires { &F::operator(); };

/// `const T&` reads the payload, `T` takes it.
template <class A>
struct InputOf {
  static_assert(!std::is_reference_v<A>, "a stage takes its input as `const T&` or `T`");
  using Type = std::conditional_t<std::is_same_v<A, Payload>, Payload, Owned<A>>;
};
template <class T>
struct InputOf<const T&> {
  using Type = T;
};

template <class T>
struct ResultOf {
  using Type = T;
};
template <class T>
struct ResultOf<Task<T>> {
  using Type = T;
};
template <class T>
struct ResultOf<Generator<T>> {
  using Type = T;
};
template <class T>
struct ValueOf {
  using Type = T;
};
template <class T>
struct ValueOf<Maybe<T>> {
  using Type = T;
};

/// What a function tells of the stage that it is the body of.
template <class F>
struct StageFunction {
  static_assert(OneWayCallable<F>, "a stage function names its parameter types: no `auto`, no overloads");
  static_assert(std::copy_constructible<F>, "every run gets a copy of the function");
  using Call = CallOf<F>;
  static_assert(std::tuple_size_v<typename Call::Arguments> >= 1, "a stage function takes its input");
  using In = typename InputOf<std::tuple_element_t<0, typename Call::Arguments>>::Type;
  using Out = typename ResultOf<typename Call::Result>::Type;
  static constexpr bool kTakesContext = std::tuple_size_v<typename Call::Arguments> == 2;
};

/// Calls a body with the context if it takes that.
template <class F, class In>
decltype(auto) call_body(F& body, In&& in, StageContext& context) {
  if constexpr (StageFunction<std::remove_const_t<F>>::kTakesContext) {
    return body(std::forward<In>(in), context);
  } else {
    return body(std::forward<In>(in));
  }
}

/// `Kind` with a const process(): Transform, BlockingTransform, Expand.
template <template <class, class> class Kind, class F>
class ConstFunctionStage final : public Kind<typename StageFunction<F>::In, typename StageFunction<F>::Out> {
 public:
  using In = typename StageFunction<F>::In;
  explicit ConstFunctionStage(F body) : body_(std::move(body)) {}
  typename CallOf<F>::Result process(Argument<In> in, StageContext& context) const override {
    return call_body(body_, std::forward<Argument<In>>(in), context);
  }

 private:
  F body_;
};

/// The same where process() may change the function: SerialTransform, AsyncTransform.
template <template <class, class> class Kind, class F>
class FunctionStage final : public Kind<typename StageFunction<F>::In, typename StageFunction<F>::Out> {
 public:
  using In = typename StageFunction<F>::In;
  explicit FunctionStage(F body) : body_(std::move(body)) {}
  typename CallOf<F>::Result process(Argument<In> in, StageContext& context) override {
    return call_body(body_, std::forward<Argument<In>>(in), context);
  }

 private:
  F body_;
};

template <class F>
class FunctionSource final : public Source {
 public:
  explicit FunctionSource(F body) : body_(std::move(body)) {}
  std::optional<SourceItem> next(StageContext& context) override {
    if constexpr (std::is_invocable_v<F&, StageContext&>) {
      return body_(context);
    } else {
      return body_();
    }
  }

 private:
  F body_;
};

template <class F>
class FunctionAsyncSource final : public AsyncSource {
 public:
  explicit FunctionAsyncSource(F body) : body_(std::move(body)) {}
  Task<void> produce(SourceOutput& output, StageContext& context) override { return body_(output, context); }

 private:
  F body_;
};

template <class S, class F>
StageSpec function_spec(std::string type, std::string summary, F body) {
  using Body = typename BodyFor<S>::Type;
  StageSpec spec;
  spec.type = std::move(type);
  spec.summary = std::move(summary);
  spec.kind = Body::kKind;
  spec.has_any_attributes = true;
  spec.make_params = [] { return std::static_pointer_cast<void>(std::make_shared<NoParams>()); };
  spec.make_body = [body = std::move(body)](const std::shared_ptr<void>&) -> std::unique_ptr<StageBody> {
    return std::make_unique<Body>(body);
  };
  return spec;
}

template <class T>
PortSpec function_port(std::string name, std::string doc) {
  PortSpec port{std::move(name), {}, std::move(doc)};
  if constexpr (!std::is_same_v<T, Payload>) port.types = {&payload_type<T>()};
  return port;
}

template <class S, class F>
StageSpec function_transform_spec(std::string type, std::string summary, F body) {
  StageSpec spec = function_spec<S>(std::move(type), std::move(summary), std::move(body));
  using In = typename ArgumentOf<typename S::Input>::Value;
  using Out = typename ValueOf<typename S::Output>::Type;
  spec.input = function_port<In>("in", "What the function takes.");
  if constexpr (!std::is_void_v<Out>) {
    spec.output = function_port<Out>("out", "What the function gives.");
    spec.output_same_as_input = std::is_same_v<Out, Payload>;
  }
  return spec;
}

}  // namespace penstock::detail
