// A rule: one test that is made for each stage type that it concerns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "framework/testing/conformance/stage_type_test.h"

namespace penstock::testing::conformance {

struct Rule {
  const char* name;
  const char* file;
  int line;
  bool (*concerns)(const StageSpec& spec);
  StageTypeTest* (*make)(const std::shared_ptr<const Subject>& subject);
};

inline bool every_type(const StageSpec&) { return true; }
inline bool types_with_input(const StageSpec& spec) { return spec.input.has_value(); }
inline bool sources(const StageSpec& spec) { return !spec.input.has_value(); }

/// `Test` derives from StageTypeTest.
template <class Test>
Rule rule(const char* name, const char* file, int line, bool (*concerns)(const StageSpec&)) {
  return {name, file, line, concerns,
          [](const std::shared_ptr<const Subject>& subject) -> StageTypeTest* { return new Test(subject); }};
}

std::vector<Rule> check_rules();
std::vector<Rule> schema_rules();
std::vector<Rule> process_rules();
std::vector<Rule> cancel_rules();

}  // namespace penstock::testing::conformance
