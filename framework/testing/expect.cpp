// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/expect.h"

#include <string>

#include "framework/base/quote.h"

namespace penstock::testing {

void expect_balanced(const RunReport& report) {
  std::string wrong;
  const ItemCounts& items = report.items;
  if (!items.is_balanced()) {
    wrong += "\n  items: " + std::to_string(items.admitted) + " admitted, but " + std::to_string(items.done) +
             " done + " + std::to_string(items.dropped) + " dropped + " + std::to_string(items.failed) + " failed + " +
             std::to_string(items.cancelled) + " cancelled = " + std::to_string(items.settled());
  }
  std::uint64_t unhandled = 0;
  for (const StageReport& stage : report.stages) {
    unhandled += stage.failed - stage.handled;
    if (stage.in_flight == 0 && stage.waiting == 0) continue;
    wrong += "\n  stage " + quote(stage.name) + ": " + std::to_string(stage.in_flight) + " pieces left in its body, " +
             std::to_string(stage.waiting) + " before it";
  }
  // Stages with `on_failure: "drop"` tell nothing of theirs.
  std::uint64_t told = 0;
  for (const ErrorSummary& error : report.errors) told += error.count;
  if (told > unhandled || (told == 0 && items.failed > 0)) {
    wrong += "\n  failures: " + std::to_string(unhandled) + " pieces failed unhandled, the list of errors has " +
             std::to_string(told);
  }
  if (!wrong.empty()) {
    throw ExpectationFailed("the books of the run of " + quote(report.pipeline) + " do not balance:" + wrong);
  }
}

}  // namespace penstock::testing
