// Costly work in parallel, results in order, sixteen numbers in flight: Penstock. Quoted by docs/coming-from.md.
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "penstock/pipeline_builder.h"
#include "primes.h"

using namespace penstock;

int main() {
  PipelineBuilder builder{Registry()};
  builder.limit_items(16)
      .source<Integer>("numbers",
                       [n = std::int64_t{0}]() mutable -> std::optional<SourceItem> {
                         if (n == 100) return std::nullopt;
                         ++n;
                         return SourceItem{.key = std::to_string(n * 100), .payload = Payload(Integer{n * 100})};
                       })
      .transform("primes", [](const Integer& end) { return Integer{primes_below(end.value)}; })
      .serial_transform("print", [](const Integer& primes, StageContext& context) {
        std::cout << context.key() << ": " << primes.value << "\n";
      });
  builder.ordered();
  return builder.build().start().wait().items.done == 100 ? 0 : 1;
}
