// How runs and items end, in words.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/item_outcome.h"
#include "penstock/run_report.h"

namespace penstock {

const char* to_string(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::completed:
      return "completed";
    case RunOutcome::drained:
      return "drained";
    case RunOutcome::cancelled:
      return "cancelled";
    case RunOutcome::aborted:
      break;
  }
  return "aborted";
}

const char* to_string(ItemOutcome outcome) {
  switch (outcome) {
    case ItemOutcome::done:
      return "done";
    case ItemOutcome::dropped:
      return "dropped";
    case ItemOutcome::cancelled:
      return "cancelled";
    case ItemOutcome::failed:
      return "failed";
    case ItemOutcome::refused:
      break;
  }
  return "refused";
}

}  // namespace penstock
