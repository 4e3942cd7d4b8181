// Items for which a condition holds are dropped, with a reason; the others pass.
// SPDX-License-Identifier: Apache-2.0
#include "stages/drop/drop.h"

#include <utility>

#include "penstock/stage.h"
#include "stages/common/condition.h"
#include "stages/common/item_template.h"

namespace penstock::stages {
namespace {

struct DropParams {
  Condition when;
  ItemTemplate reason = ItemTemplate::parse("the condition holds");
};

class Drop final : public Transform<Payload, Maybe<Payload>> {
 public:
  explicit Drop(DropParams params) : params_(std::move(params)) {}

  Maybe<Payload> process(const Payload& in, StageContext& context) const override {
    if (params_.when.holds(context.attributes())) return context.drop(params_.reason.expand(context));
    return in;
  }

 private:
  DropParams params_;
};

}  // namespace

StageSpec drop_spec() {
  return describe_stage<Drop, DropParams>("drop")
      .summary("Drop the items for which a condition holds; the others pass.")
      .input<Payload>("items", "Any items.")
      .output_same_as_input("items", "The items that are not dropped, unchanged.")
      .param(&DropParams::when, "when", "The condition.")
      .required()
      .param(&DropParams::reason, "reason", "Why, as reports show it; a template.")
      .error(kMissingAttribute)
      .example(
          R"({"type": "drop", "when": {"attribute": "image.width", "less_than": 100}, "reason": "only {image.width} pixels wide"})");
}

}  // namespace penstock::stages
