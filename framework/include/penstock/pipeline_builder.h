// Pipelines written in C++.
//
//     const Pipeline pipeline = PipelineBuilder(registry)
//                                   .stage("lines", "words", {{"path", "words.txt"}})
//                                   .transform("shout", [](const None&, StageContext& c) { return Text{c.key()}; })
//                                   .stage("output")
//                                   .build();
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "penstock/export.h"
#include "penstock/option_value.h"
#include "penstock/pipeline.h"
#include "penstock/registry.h"
#include "penstock/units.h"

namespace penstock {

/// Says in C++ what a pipeline file says in JSON, and is checked like one: build() reports everything that is wrong,
/// with the same codes and the JSON pointers of that file. Texts are taken as they are: `${` means nothing here.
///
/// Stages read the one before them unless from() says else. Keys such as concurrency() belong to the stage added last.
/// Thread safety: as a container.
class PENSTOCK_API PipelineBuilder {
 public:
  /// `registry` is copied; functions given to this builder are added to the copy.
  explicit PipelineBuilder(Registry registry, std::string name = "pipeline");
  PipelineBuilder(PipelineBuilder&&) noexcept;
  PipelineBuilder& operator=(PipelineBuilder&&) noexcept;
  ~PipelineBuilder();

  PipelineBuilder& description(std::string text);
  PipelineBuilder& limit_items(std::uint64_t items);
  PipelineBuilder& limit_memory(ByteSize memory);
  /// The folder that relative paths count from; default: the working directory.
  PipelineBuilder& base(std::string folder);

  /// Adds a stage. An empty name is that of the type. Options as in a file; also `std::chrono::seconds(15)` and
  /// `ByteSize{1 << 20}`.
  PipelineBuilder& stage(std::string type, std::string name = {}, OptionMap options = {});

  /// Adds a stage whose body is a function, as in Registry. The name is that of the stage and of its type.
  template <class F>
  PipelineBuilder& transform(std::string name, F body) {
    registry_.transform(name, std::move(body));
    return stage(std::move(name));
  }
  template <class F>
  PipelineBuilder& serial_transform(std::string name, F body) {
    registry_.serial_transform(name, std::move(body));
    return stage(std::move(name));
  }
  template <class F>
  PipelineBuilder& async_transform(std::string name, F body) {
    registry_.async_transform(name, std::move(body));
    return stage(std::move(name));
  }
  template <class F>
  PipelineBuilder& blocking_transform(std::string name, F body) {
    registry_.blocking_transform(name, std::move(body));
    return stage(std::move(name));
  }
  template <class F>
  PipelineBuilder& expand(std::string name, F body) {
    registry_.expand(name, std::move(body));
    return stage(std::move(name));
  }
  template <class T, class F>
  PipelineBuilder& source(std::string name, F body) {
    registry_.source<T>(name, std::move(body));
    return stage(std::move(name));
  }
  template <class T, class F>
  PipelineBuilder& async_source(std::string name, F body) {
    registry_.async_source<T>(name, std::move(body));
    return stage(std::move(name));
  }

  // Keys of the stage added last. REQUIRES: there is one.
  /// `"name"` or `"name.port"`; several are merged.
  PipelineBuilder& from(std::convertible_to<std::string> auto... outputs) {
    return read({std::string(std::move(outputs))...});
  }
  PipelineBuilder& concurrency(unsigned items);
  PipelineBuilder& queue(unsigned items);
  PipelineBuilder& ordered();
  PipelineBuilder& retry(unsigned attempts);
  PipelineBuilder& timeout(Duration duration);
  PipelineBuilder& on_failure(std::string action);  ///< `"report"`, `"drop"` or `"stop"`.
  /// Any key, also of the stage type; replaces what it had.
  PipelineBuilder& option(std::string name, OptionValue value);

  /// The document that a file would hold, as JSON text; bytes that are no UTF-8 show as U+FFFD.
  std::string json() const;
  /// Throws ConfigError with everything that is wrong.
  Pipeline build() const;

 private:
  struct Document;
  PipelineBuilder& read(std::vector<std::string> outputs);

  Registry registry_;
  std::unique_ptr<Document> document_;
};

}  // namespace penstock
