// Several items become one, whose payload is the list of theirs.
// SPDX-License-Identifier: Apache-2.0
#include "stages/batch/batch.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "penstock/stage.h"
#include "stages/common/json_text.h"
#include "stages/common/payload_value.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

struct BatchParams {
  std::size_t size = 100;
  std::optional<Duration> max_delay;
};

class Batch final : public Collect<Payload, Json> {
 public:
  explicit Batch(BatchParams params) : params_(params) {}

  std::optional<Json> add(const Payload& in, StageContext& context) override {
    members_.push_back(json_of(in, context.key()));
    if (members_.size() < params_.size) return std::nullopt;
    return flush(context);
  }
  Json flush(StageContext& context) override {
    context.set_attribute("batch.size", static_cast<std::int64_t>(members_.size()));
    return Json(std::exchange(members_, nlohmann::json::array()));
  }
  std::size_t max_members() const override { return params_.size; }
  std::optional<Duration> max_delay() const override { return params_.max_delay; }

 private:
  const BatchParams params_;
  nlohmann::json members_ = nlohmann::json::array();
};

}  // namespace

StageSpec batch_spec() {
  return describe_stage<Batch, BatchParams>("batch")
      .summary("Make one item of several: the list of their payloads.")
      .input<Payload>("items", "Integers, JSON, text or UTF-8 bytes; of items without payload the key.")
      .output<Json>("batch", "A list, in the order in which the items came. It has the key of the first of them.")
      .param(&BatchParams::size, "size", "Items in a full batch.", between(1, 1'000'000))
      .param(&BatchParams::max_delay, "max_delay",
             "Emit a batch that is not full when its first item has waited for so long; without it, only at the end.",
             at_least(0))
      .attribute("batch.size", "Items in the batch.")
      .error(kNoText)
      .error(kNotUtf8)
      .example(R"({"type": "batch", "size": 10, "max_delay": "1 s"})");
}

}  // namespace penstock::stages
