// What the tests of this folder share. Each of them runs once for every stage type of the built-in registry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/pipeline.h"
#include "tests/conformance/feed.h"
#include "tests/support/temp_dir.h"

namespace penstock::conformance {

using OrderedJson = nlohmann::ordered_json;

/// A test of one stage type, with a folder that holds what the example may name.
class StageType : public ::testing::TestWithParam<std::string> {
 protected:
  StageType();

  const StageSpec& spec() const { return *spec_; }
  bool is_source() const { return !spec_->input; }

  /// The example of the stage as an object.
  OrderedJson example() const { return OrderedJson::parse(spec_->example); }
  /// The example without the keys that every stage has.
  std::string example_options() const;
  /// A minimal pipeline around `stage`, an object like the example.
  OrderedJson around(OrderedJson stage) const;

  /// Paths count from the test's own folder.
  Pipeline load(const OrderedJson& document) const;
  LoadOptions load_options() const { return {.parameters = {}, .base = folder_.path()}; }

  /// Items for the stage, with the attributes that its example reads.
  std::vector<SourceItem> items() const;

  /// For a source: puts a file with `data` wherever the example names a path, or a folder that holds some.
  void write_inputs(std::string_view data) const;
  void make_input_folders() const;

  /// Whether the stage declares `code`, by itself or as one of a family.
  bool declares(std::string_view code) const;

  const penstock::testing::TempDir& folder() const { return folder_; }
  const Registry& registry() const { return registry_; }
  FeedControl& control() { return *control_; }

 private:
  std::vector<std::string> input_paths() const;

  penstock::testing::TempDir folder_;
  std::shared_ptr<FeedControl> control_ = std::make_shared<FeedControl>();
  Registry registry_;
  std::shared_ptr<const StageSpec> spec_;
};

/// The names of all built-in stage types, of those with an input, and of the others.
std::vector<std::string> builtin_types();
std::vector<std::string> builtin_types_with_input();
std::vector<std::string> builtin_sources();

}  // namespace penstock::conformance
