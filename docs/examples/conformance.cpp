// The conformance tests over a registry of one's own; docs/testing.md quotes it.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/conformance.h"

#include <algorithm>

#include "penstock/registry.h"
#include "penstock/stage.h"
#include "penstock/stage_spec.h"

namespace {

using namespace penstock;

constexpr ErrorCode kEmpty{"reverse.empty", "There is nothing to reverse."};

class Reverse final : public Transform<Text, Text> {
 public:
  Text process(const Text& in, StageContext&) const override {
    if (in.value.empty()) throw ItemError(kEmpty);
    Text out = in;
    std::reverse(out.value.begin(), out.value.end());
    return out;
  }
};

StageSpec reverse_spec() {
  return describe_stage<Reverse>("reverse")
      .summary("Turns texts round.")
      .input<Text>("text", "Any.")
      .output<Text>("text", "Its bytes in reverse.")
      .error(kEmpty)
      .example(R"({"type": "reverse"})");
}

}  // namespace

int main(int argc, char** argv) {
  Registry registry;
  registry.add(reverse_spec());
  return penstock::testing::run_conformance_tests(argc, argv, registry);
}
