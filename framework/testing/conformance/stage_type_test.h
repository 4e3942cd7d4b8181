// What the rules share: a stage type, and a pipeline around it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "framework/testing/conformance/feed.h"
#include "framework/testing/test_folder.h"
#include "penstock/pipeline.h"
#include "penstock/testing/conformance.h"

namespace penstock::testing::conformance {

using OrderedJson = nlohmann::ordered_json;

/// What is tested.
struct Subject {
  Registry registry;
  std::shared_ptr<const StageSpec> spec;
  ConformanceOptions options;
};

/// A test of one stage type, with a folder that holds what the example may name.
class StageTypeTest : public ::testing::Test {
 public:
  explicit StageTypeTest(const std::shared_ptr<const Subject>& subject);

 protected:
  const StageSpec& spec() const { return *subject_->spec; }
  bool is_source() const { return !spec().input; }

  /// The example of the stage as an object. Throws std::runtime_error when there is none.
  OrderedJson example() const;
  /// The example without the keys that every stage has.
  std::string example_options() const;
  /// A minimal pipeline around `stage`, an object like the example.
  OrderedJson around(OrderedJson stage) const;

  /// Paths count from the test's own folder.
  Pipeline load(const OrderedJson& document) const;
  LoadOptions load_options() const { return {.parameters = {}, .base = folder_.path()}; }

  /// Items for the stage, with the attributes that its example reads.
  std::vector<SourceItem> items() const;

  /// Contents for the files of a source.
  std::vector<std::string> files() const;
  /// Where the example of a source names paths.
  std::vector<std::string> input_paths() const;
  /// Puts a file with `data` there, or a folder that holds some.
  void write_inputs(std::string_view data) const;
  void make_input_folders() const;
  bool reads_files() const { return !input_paths().empty(); }

  /// Whether the stage declares `code`, by itself or as one of a family.
  bool declares(std::string_view code) const;

  const TestFolder& folder() const { return folder_; }
  const Registry& registry() const { return registry_; }
  FeedControl& control() { return *control_; }

 private:
  const std::shared_ptr<const Subject> subject_;
  TestFolder folder_;
  std::shared_ptr<FeedControl> control_ = std::make_shared<FeedControl>();
  Registry registry_;  // With the ends of the pipeline.
};

}  // namespace penstock::testing::conformance
