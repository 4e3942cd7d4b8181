// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "framework/base/quote.h"
#include "framework/graph/draft.h"

namespace penstock::graph {
namespace {

bool wants_isolation(const DraftStage& stage) { return stage.config->common.isolation == spec::IsolationMode::process; }

void isolate(Draft& draft, DraftStage& stage) {
  const std::string type = quote_name(stage.spec->type);
  if (stage.spec->kind != StageKind::transform || stage.spec->has_finish) {
    draft.error(stage, "stage.unsupported", "isolation",
                "option `isolation`: " + type + " is no stage that only computes, and stays in this process",
                "remove `isolation`");
    return;
  }
  if (!draft.options.isolate) {
    draft.error(stage, "stage.unsupported", "isolation",
                "option `isolation`: there is no program that could run " + type + " in a process of its own",
                "name one in `LoadOptions::worker`, or remove `isolation`");
    return;
  }
  if (stage.params == nullptr) return;  // Reported.
  std::vector<std::string> options;
  for (const ParamSpec& param : stage.spec->params) {
    if (stage.config->object.find(param.name) != nullptr) options.push_back(param.name);
  }
  stage.spec = draft.options.isolate(
      {.spec = stage.spec, .common = stage.config->common, .options = std::move(options), .base = draft.options.base});
  stage.is_isolated = true;
}

}  // namespace

void isolate_stages(Draft& draft) {
  for (DraftStage& stage : draft.stages) {
    if (stage.spec == nullptr) continue;
    if (wants_isolation(stage)) {
      isolate(draft, stage);
    } else if (stage.config->common.memory_limit) {
      draft.error(stage, "stage.unsupported", "memory_limit",
                  "option `memory_limit`: the stage shares the memory of this process",
                  "add `\"isolation\": \"process\"`, or remove `memory_limit`");
    }
  }
}

}  // namespace penstock::graph
