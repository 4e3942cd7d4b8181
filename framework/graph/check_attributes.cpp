// Which attributes an item may have where an option reads them. Only certain mistakes are reported: behind a stage that
// sets whatever its data names, anything may be there.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/graph/draft.h"

namespace penstock::graph {
namespace {

/// Set on items that leave by a port `failed`.
constexpr std::array<std::string_view, 5> kFailureAttributes = {"error.stage", "error.code", "error.message",
                                                                "error.attempts", "retry_after"};

/// Sorted names; null: any name may be there. Shared between the stages that add none.
using Names = std::shared_ptr<const std::vector<std::string_view>>;

template <class Range>
Names with(const Names& names, const Range& more) {
  if (names == nullptr) return nullptr;
  auto all = std::make_shared<std::vector<std::string_view>>(*names);
  all->insert(all->end(), more.begin(), more.end());
  std::sort(all->begin(), all->end());
  all->erase(std::unique(all->begin(), all->end()), all->end());
  return all->size() == names->size() ? names : Names(std::move(all));
}

class AttributeChecker {
 public:
  explicit AttributeChecker(Draft& draft)
      : draft_(draft), inputs_(draft.stages.size()), outputs_(draft.stages.size()) {}

  void check() {
    for (const StageIndex index : draft_.order) {
      inputs_[index] = names_before(index);
      outputs_[index] = names_behind(index);
      if (inputs_[index] != nullptr && draft_.stages[index].params != nullptr) check_stage(index);
    }
  }

 private:
  Names names_before(StageIndex index) const {
    const DraftStage& stage = draft_.stages[index];
    if (!stage.knows_inputs) return nullptr;
    Names names = std::make_shared<const std::vector<std::string_view>>();
    for (const Edge& edge : stage.inputs) {
      Names carried = edge.port == kFailedPort ? with(inputs_[edge.from], kFailureAttributes) : outputs_[edge.from];
      if (carried == nullptr) return nullptr;
      if (carried != names) names = with(names, *carried);
    }
    return names;
  }

  Names names_behind(StageIndex index) const {
    const DraftStage& stage = draft_.stages[index];
    if (stage.spec == nullptr || stage.spec->has_any_attributes) return nullptr;
    std::vector<std::string_view> own;
    for (const AttributeSpec& attribute : stage.spec->attributes) own.push_back(attribute.name);
    return own.empty() ? inputs_[index] : with(inputs_[index], own);
  }

  void check_stage(StageIndex index) {
    const DraftStage& stage = draft_.stages[index];
    const std::vector<std::string_view>& known = *inputs_[index];
    for (const ParamSpec& param : stage.spec->params) {
      if (!param.used_attributes) continue;
      for (const std::string& name : param.used_attributes(stage.params.get())) {
        if (!std::binary_search(known.begin(), known.end(), name)) report(stage, param, name, known);
      }
    }
  }

  void report(const DraftStage& stage, const ParamSpec& param, const std::string& name,
              const std::vector<std::string_view>& known) {
    const std::vector<std::string> names(known.begin(), known.end());
    draft_.error(stage, "template.unknown_attribute", param.name,
                 "option " + quote_name(param.name) +
                     ": expected an attribute that a stage before this one sets, got " + quote_name(name) +
                     "; there are: " + (names.empty() ? "none" : join_names(names)),
                 suggest(name, names));
  }

  Draft& draft_;
  std::vector<Names> inputs_;
  std::vector<Names> outputs_;
};

}  // namespace

void check_attributes(Draft& draft) { AttributeChecker(draft).check(); }

}  // namespace penstock::graph
