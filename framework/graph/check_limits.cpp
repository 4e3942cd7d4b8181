// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <utility>

#include "framework/base/quote.h"
#include "framework/graph/draft.h"

namespace penstock::graph {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

std::uint64_t add(std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; }
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) { return b != 0 && a > kMost / b ? kMost : a * b; }

/// A collector that waits for its members holds their tokens; a member that was collected itself holds those of all
/// its own members. With every collector one short of emitting, one more item must still find a token.
void check_collectors(Draft& draft) {
  std::vector<std::uint64_t> tokens(draft.stages.size(), 1);  // Held by one item that leaves the stage.
  std::uint64_t needed = 1;
  std::vector<std::string> collectors;
  for (const StageIndex index : draft.order) {
    const DraftStage& stage = draft.stages[index];
    for (const Edge& edge : stage.inputs) tokens[index] = std::max(tokens[index], tokens[edge.from]);
    if (stage.spec == nullptr || stage.spec->kind != StageKind::collect || stage.params == nullptr) continue;
    tokens[index] = multiply(tokens[index], stage.max_members);
    needed = add(needed, tokens[index] - 1);
    collectors.push_back(quote(stage.name()) + " " + std::to_string(tokens[index]));
  }
  if (needed <= draft.config.limits.items || collectors.empty()) return;
  draft.out.error("graph.collectors_exceed_items", draft.config.items_position, draft.config.items_pointer,
                  "expected `limits.items` of at least " + std::to_string(needed) + ", got " +
                      std::to_string(draft.config.limits.items) +
                      ": so many items may wait in collectors: " + join_names(collectors),
                  "set `limits.items` to " + std::to_string(needed) + " or more, or collect fewer items at once");
}

void check_descriptors(Draft& draft) {
  constexpr std::uint64_t kReserve = 64;  // For what the program itself holds open: files, the loop, libraries.
  const std::uint64_t limit = draft.options.descriptor_limit;
  if (limit == 0) return;
  std::uint64_t total = kReserve;
  std::uint64_t largest = 0;
  const DraftStage* greedy = nullptr;
  for (const DraftStage& stage : draft.stages) {
    if (stage.spec == nullptr || stage.spec->descriptors_per_item == 0) continue;
    unsigned concurrency = resolve_concurrency(stage, draft.config.limits.items);
    if (concurrency == kUnlimited) concurrency = static_cast<unsigned>(draft.config.limits.items);
    const auto items = std::min<std::uint64_t>(concurrency, draft.config.limits.items);
    const std::uint64_t needed = multiply(items, stage.spec->descriptors_per_item);
    total = add(total, needed);
    if (needed > largest) {
      largest = needed;
      greedy = &stage;
    }
  }
  if (total <= limit || greedy == nullptr) return;
  const std::uint64_t others = total - largest;
  const std::uint64_t possible = limit > others ? (limit - others) / greedy->spec->descriptors_per_item : 0;
  draft.error(*greedy, "stage.descriptors", "concurrency",
              "this process may hold " + std::to_string(limit) +
                  " files open (ulimit -Hn): expected a `concurrency` of at most " + std::to_string(possible) +
                  ", got one that needs " + std::to_string(largest) + " files, and " + std::to_string(others) +
                  " for everything else",
              "lower `concurrency`, or raise the limit");
}

}  // namespace

void check_limits(Draft& draft) {
  check_collectors(draft);
  check_descriptors(draft);
}

}  // namespace penstock::graph
