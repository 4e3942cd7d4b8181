// The stage types that a pipeline may use.
//
//     Registry registry;
//     registry.add(resize_spec());
//     registry.transform("shout", [](const Text& in) { return Text{in.value + "!"}; });
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/detail/function_stage.h"
#include "penstock/export.h"
#include "penstock/stage_spec.h"

namespace penstock {

/// A set of stage types by name. A value: programs and tests make their own; copies share the declarations.
///
/// A function becomes a stage type without options. It takes its input as `const T&`, or as `T` to be given it
/// (`Payload` for any type), and a `StageContext&` after it if it likes; it gives the output, `Maybe<T>` when it may
/// drop the item, or nothing, which makes a sink. Every run calls a copy of its own.
///
/// Thread safety: as a container.
class PENSTOCK_API Registry {
 public:
  /// Throws std::invalid_argument when the declaration contradicts itself (no summary, a duplicate option, an option
  /// that is named like a common key, an output port on a sink …) or the type exists already.
  void add(StageSpec spec);

  /// Computes; called by several workers at once, so the function is const.
  template <class F>
  void transform(std::string type, F body, std::string summary = kFunctionSummary) {
    add(detail::function_transform_spec<detail::ConstFunctionStage<Transform, F>>(std::move(type), std::move(summary),
                                                                                  std::move(body)));
  }
  /// Computes, never called twice at once: a `mutable` lambda may keep state.
  template <class F>
  void serial_transform(std::string type, F body, std::string summary = kFunctionSummary) {
    add(detail::function_transform_spec<detail::FunctionStage<SerialTransform, F>>(std::move(type), std::move(summary),
                                                                                   std::move(body)));
  }
  /// Waits: a coroutine on the event loop, `Task<T>`. Its captures live as long as the run.
  template <class F>
  void async_transform(std::string type, F body, std::string summary = kFunctionSummary) {
    add(detail::function_transform_spec<detail::FunctionStage<AsyncTransform, F>>(std::move(type), std::move(summary),
                                                                                  std::move(body)));
  }
  /// Calls what blocks, on threads of its own.
  template <class F>
  void blocking_transform(std::string type, F body, std::string summary = kFunctionSummary) {
    add(detail::function_transform_spec<detail::ConstFunctionStage<BlockingTransform, F>>(
        std::move(type), std::move(summary), std::move(body)));
  }
  /// Makes many of one: a coroutine that gives a `Generator<T>`.
  template <class F>
  void expand(std::string type, F body, std::string summary = kFunctionSummary) {
    add(detail::function_transform_spec<detail::ConstFunctionStage<Expand, F>>(std::move(type), std::move(summary),
                                                                               std::move(body)));
  }
  /// Emits items with a payload of type T: gives a `std::optional<SourceItem>`, nothing at the end. As Source.
  template <class T, class F>
  void source(std::string type, F body, std::string summary = kFunctionSummary) {
    StageSpec spec =
        detail::function_spec<detail::FunctionSource<F>>(std::move(type), std::move(summary), std::move(body));
    spec.output = detail::function_port<T>("out", "What the function gives.");
    add(std::move(spec));
  }
  /// The same by a coroutine `Task<void>(SourceOutput&, StageContext&)`. As AsyncSource.
  template <class T, class F>
  void async_source(std::string type, F body, std::string summary = kFunctionSummary) {
    StageSpec spec =
        detail::function_spec<detail::FunctionAsyncSource<F>>(std::move(type), std::move(summary), std::move(body));
    spec.output = detail::function_port<T>("out", "What the function gives.");
    add(std::move(spec));
  }

  /// Loads a shared library (plugin.h) and adds its stage types. One that is in here already is left alone. It stays
  /// loaded until the process ends. Throws ConfigError when it cannot be loaded, is no plugin, was made with another
  /// version or compiler, or adds a type that exists already.
  void add_plugin(const std::string& path);

  /// Null when there is no such type. The declaration lives as long as any copy of the registry.
  std::shared_ptr<const StageSpec> find(std::string_view type) const;

  /// Sorted by name.
  std::vector<std::shared_ptr<const StageSpec>> specs() const;

 private:
  static constexpr const char* kFunctionSummary = "A function of the program.";

  std::map<std::string, std::shared_ptr<const StageSpec>, std::less<>> specs_;
  std::set<const void*> plugins_;  // Their entry points.
};

}  // namespace penstock
