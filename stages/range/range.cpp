// Integers, one after the other.
// SPDX-License-Identifier: Apache-2.0
#include "stages/range/range.h"

#include <cstdint>
#include <optional>
#include <string>

#include "penstock/stage.h"

namespace penstock::stages {
namespace {

struct RangeParams {
  std::int64_t start = 0;
  std::int64_t to = 0;
  std::int64_t step = 1;
};

/// Bounds are within 2^53, so that no difference of two overflows.
std::uint64_t count_of(const RangeParams& params) {
  const std::int64_t distance = params.step > 0 ? params.to - params.start : params.start - params.to;
  const std::int64_t step = params.step > 0 ? params.step : -params.step;
  return distance <= 0 ? 0 : static_cast<std::uint64_t>((distance - 1) / step + 1);
}

class Range final : public Source {
 public:
  explicit Range(RangeParams params) : params_(params), count_(count_of(params)), next_(params.start) {}

  std::optional<SourceItem> next(StageContext&) override {
    if (emitted_ == count_) return std::nullopt;
    ++emitted_;
    const std::int64_t value = next_;
    next_ += params_.step;  // At most one step beyond `to`.
    return SourceItem{.key = std::to_string(value), .attributes = {}, .payload = Payload(Integer{value})};
  }
  std::optional<std::uint64_t> total() const override { return count_; }

 private:
  const RangeParams params_;
  const std::uint64_t count_;
  std::uint64_t emitted_ = 0;
  std::int64_t next_;
};

}  // namespace

StageSpec range_spec() {
  return describe_stage<Range, RangeParams>("range")
      .summary("Emit the integers of a half-open range.")
      .output<Integer>("numbers", "`start`, `start` + `step`, ... before `to`; the key is the number in decimal.")
      .param(&RangeParams::start, "start", "The first number.")
      .param(&RangeParams::to, "to", "The end, which is not emitted.")
      .required()
      .param(&RangeParams::step, "step", "From one number to the next; negative counts down.")
      .check([](const RangeParams& params) {
        if (params.step == 0) {
          throw OptionError("option.value", "expected a step other than 0, got 0", "write 1, or -1 to count down",
                            "/step");
        }
      })
      .only_computes()
      .example(R"({"type": "range", "start": 1, "to": 11})");
}

}  // namespace penstock::stages
