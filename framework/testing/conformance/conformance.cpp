// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/conformance.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "framework/testing/conformance/rule.h"

namespace penstock::testing {
namespace {

std::vector<conformance::Rule> all_rules() {
  std::vector<conformance::Rule> all;
  for (const auto& rules : {conformance::check_rules(), conformance::schema_rules(), conformance::process_rules(),
                            conformance::cancel_rules()}) {
    all.insert(all.end(), rules.begin(), rules.end());
  }
  return all;
}

}  // namespace

void register_conformance_tests(const Registry& registry, const ConformanceOptions& options) {
  if (registry.specs().empty()) throw std::invalid_argument("the registry has no stage types to test");
  for (const auto& spec : registry.specs()) {
    const auto subject = std::make_shared<const conformance::Subject>(conformance::Subject{registry, spec, options});
    for (const conformance::Rule& rule : all_rules()) {
      if (!rule.concerns(*spec)) continue;
      const auto factory = [make = rule.make, subject] { return make(subject); };
      ::testing::RegisterTest(("Conformance/" + spec->type).c_str(), rule.name, nullptr, nullptr, rule.file, rule.line,
                              factory);
    }
  }
}

int run_conformance_tests(int argc, char** argv, const Registry& registry, const ConformanceOptions& options) {
  ::testing::InitGoogleTest(&argc, argv);
  register_conformance_tests(registry, options);
  return RUN_ALL_TESTS();
}

}  // namespace penstock::testing
