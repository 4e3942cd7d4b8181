// Counts items. Each worker has a sum of its own; they are added up when the last item has come.
// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count.h"

#include <oneapi/tbb/combinable.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "penstock/stage.h"

namespace penstock::stages {
namespace {

class Count final : public Transform<Payload, Maybe<Integer>> {
 public:
  Maybe<Integer> process(const Payload&, StageContext& context) const override {
    ++counts_.local();
    return context.absorb();
  }
  std::optional<Integer> finish(StageContext&) { return Integer{counts_.combine(std::plus<>())}; }

 private:
  mutable tbb::combinable<std::int64_t> counts_{[] { return std::int64_t{0}; }};
};

}  // namespace

StageSpec count_spec() {
  return describe_stage<Count>("count")
      .summary("Take all items in and emit how many they were.")
      .input<Payload>("items", "Any items; each is done when it is counted.")
      .output<Integer>("count", "One item at the end, whose key is the name of the stage.")
      .example(R"({"type": "count"})");
}

}  // namespace penstock::stages
