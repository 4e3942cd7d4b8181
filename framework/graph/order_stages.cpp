// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <queue>
#include <ranges>
#include <utility>

#include "framework/base/quote.h"
#include "framework/graph/draft.h"

namespace penstock::graph {
namespace {

/// Calls `visit` for each stage that reads `stage`; a stage once per port.
template <class Visit>
void for_each_reader(const DraftStage& stage, Visit visit) {
  for (const OutputPort& port : stage.outputs) {
    for (const StageIndex reader : port.readers) visit(reader);
  }
  for (const StageIndex reader : stage.failed_readers) visit(reader);
}

/// Reports one cycle for each knot of stages that no order can place.
class CycleFinder {
 public:
  CycleFinder(Draft& draft, std::vector<bool> is_placed) : draft_(draft), is_done_(std::move(is_placed)) {}

  void report_all() {
    for (StageIndex i = 0; i < draft_.stages.size(); ++i) {
      if (!is_done_[i]) follow_back(i);
    }
  }

 private:
  /// Every stage that could not be placed reads one that could not be placed either: going back must meet itself or
  /// something that was reported before.
  void follow_back(StageIndex start) {
    std::vector<StageIndex> path;
    std::vector<std::size_t> at(draft_.stages.size(), kNowhere);
    StageIndex stage = start;
    while (!is_done_[stage] && at[stage] == kNowhere) {
      at[stage] = path.size();
      path.push_back(stage);
      const StageIndex next = unplaced_input(stage);
      if (next == kNowhere) break;
      stage = next;
    }
    if (!is_done_[stage] && at[stage] != kNowhere && unplaced_input(stage) != kNowhere) {
      report({path.begin() + static_cast<std::ptrdiff_t>(at[stage]), path.end()});
    }
    for (const StageIndex passed : path) is_done_[passed] = true;
  }

  StageIndex unplaced_input(StageIndex stage) const {
    for (const Edge& edge : draft_.stages[stage].inputs) {
      if (!is_done_[edge.from]) return edge.from;
    }
    return kNowhere;
  }

  /// `cycle` goes against the edges.
  void report(std::vector<StageIndex> cycle) {
    const auto first = std::min_element(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), first, cycle.end());
    std::vector<std::string> names = {quote(draft_.stages[cycle.front()].name())};
    for (const StageIndex stage : std::views::reverse(cycle)) names.push_back(quote(draft_.stages[stage].name()));
    std::string text = names.front();
    for (std::size_t i = 1; i < names.size(); ++i) {
      if (i == 20 && names.size() > 22) {
        text += " -> ... (" + std::to_string(names.size() - 21) + " more)";
        i = names.size() - 1;
      }
      text += " -> " + names[i];
    }
    draft_.error(draft_.stages[cycle.front()], "graph.cycle", "from", "items would go round for ever: " + text,
                 "let one of these stages read another one");
  }

  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  Draft& draft_;
  std::vector<bool> is_done_;
};

}  // namespace

bool order_stages(Draft& draft) {
  std::vector<std::size_t> waits_for(draft.stages.size());
  // The earliest in the file that is ready comes next, so that the order is that of the file wherever it can be.
  std::priority_queue<StageIndex, std::vector<StageIndex>, std::greater<>> ready;
  for (StageIndex i = 0; i < draft.stages.size(); ++i) {
    waits_for[i] = draft.stages[i].inputs.size();
    if (waits_for[i] == 0) ready.push(i);
  }
  std::vector<bool> is_placed(draft.stages.size());
  while (!ready.empty()) {
    const StageIndex next = ready.top();
    ready.pop();
    draft.order.push_back(next);
    is_placed[next] = true;
    for_each_reader(draft.stages[next], [&](StageIndex reader) {
      if (--waits_for[reader] == 0) ready.push(reader);
    });
  }
  if (draft.order.size() == draft.stages.size()) return true;
  CycleFinder(draft, std::move(is_placed)).report_all();
  return false;
}

}  // namespace penstock::graph
