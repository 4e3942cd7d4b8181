// A stage written as a coroutine, in a pipeline. Quoted by docs/writing-a-stage.md.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <iostream>

#include "penstock/coroutine_transform.h"
#include "penstock/pipeline.h"
#include "penstock/registry.h"
#include "penstock/stage_spec.h"
#include "stages/builtin.h"

namespace {

using namespace penstock;

// [stage]
class Minimum final : public CoroutineTransform<Integer, Integer> {
  Conversation run() override {
    std::int64_t least = INT64_MAX;
    while (const Integer* received = co_await receive()) {
      least = std::min(least, received->value);
      const Integer result{least};
      co_yield result;
    }
  }
};
// [stage]

StageSpec minimum_spec() {
  return describe_stage<Minimum>("minimum")
      .summary("The smallest number so far.")
      .input<Integer>("number", "Any.")
      .output<Integer>("minimum", "The smallest of this number and those before it.");
}

constexpr const char* kPipeline = R"({
  "stages": [
    { "name": "numbers", "type": "range", "start": 10, "to": -3, "step": -6 },
    { "name": "minimum", "type": "minimum", "ordered": true },
    { "name": "print", "type": "write_lines", "ordered": true }
  ]
})";

}  // namespace

int main() {
  Registry registry;
  stages::register_builtin_stages(registry);
  registry.add(minimum_spec());
  Run run = Pipeline::from_string(kPipeline, registry).start();
  return run.wait().outcome == RunOutcome::completed ? 0 : 1;
}
