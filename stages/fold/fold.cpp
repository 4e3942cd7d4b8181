// Many numbers become one, at the end or as they come.
// SPDX-License-Identifier: Apache-2.0
#include "stages/fold/fold.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "penstock/stage.h"
#include "stages/common/json_text.h"
#include "stages/common/payload_value.h"
#include "stages/fold/accumulator.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

enum class Operation { min, max, sum, count, mean };
constexpr std::array<Name<Operation>, 5> names_of(Operation) {
  return {{{Operation::min, "min"},
           {Operation::max, "max"},
           {Operation::sum, "sum"},
           {Operation::count, "count"},
           {Operation::mean, "mean"}}};
}
enum class Emit { last, running };
constexpr std::array<Name<Emit>, 2> names_of(Emit) { return {{{Emit::last, "final"}, {Emit::running, "running"}}}; }

constexpr ErrorCode kNotANumber{"fold.not_a_number",
                                "The payload or attribute is no number, or an integer beyond 64 bits."};
constexpr ErrorCode kOverflow{"fold.overflow", "The sum of the integers does not fit into 64 bits."};

struct FoldParams {
  Operation operation = Operation::sum;
  std::string attribute;
  Emit emit = Emit::last;
};

class Fold final : public SerialTransform<Payload, Maybe<Json>> {
 public:
  explicit Fold(FoldParams params) : params_(std::move(params)) {}

  Maybe<Json> process(const Payload& in, StageContext& context) override {
    // Only a count is content with items that hold no number.
    const bool needs_number = params_.operation != Operation::count || !params_.attribute.empty();
    accumulator_.add(needs_number ? number_in(in, context) : AttributeValue(std::int64_t{0}));
    if (params_.emit == Emit::last) return context.absorb();
    return *result();
  }

  std::optional<Json> finish(StageContext&) {
    if (params_.emit == Emit::running) return std::nullopt;
    return result();
  }

 private:
  AttributeValue number_in(const Payload& in, const StageContext& context) const {
    std::optional<AttributeValue> number;
    if (params_.attribute.empty()) {
      number = number_of(in, context.key());
    } else if (const AttributeValue* value = context.attributes().find(params_.attribute)) {
      number = number_of(*value);
    }
    if (number) return *std::move(number);
    throw ItemError(kNotANumber, params_.attribute.empty()
                                     ? "expected a number, got a payload of the type `" + std::string(in.type().name) +
                                           "` that is none"
                                     : "expected a number in the attribute `" + params_.attribute + "`, got none");
  }

  /// Nothing: there is no minimum, maximum or mean of no numbers.
  std::optional<Json> result() const {
    switch (params_.operation) {
      case Operation::min:
        return json(accumulator_.min());
      case Operation::max:
        return json(accumulator_.max());
      case Operation::mean:
        return json(accumulator_.mean());
      case Operation::count:
        return Json(nlohmann::json(accumulator_.count()));
      case Operation::sum:
        break;
    }
    std::optional<nlohmann::json> sum = accumulator_.sum();
    if (!sum) throw ItemError(kOverflow);
    return Json(*std::move(sum));
  }
  static std::optional<Json> json(const std::optional<AttributeValue>& value) {
    if (!value) return std::nullopt;
    return Json(json_of(*value));
  }

  const FoldParams params_;
  Accumulator accumulator_;
};

}  // namespace

StageSpec fold_spec() {
  return describe_stage<Fold, FoldParams>("fold")
      .summary("Take numbers in and emit their minimum, maximum, sum, count or mean.")
      .input<Payload>("numbers",
                      "An integer, a JSON number or a number as text; of items without payload the key; any payload "
                      "with `attribute`.")
      .output<Json>("result", "One number at the end, whose key is the name of the stage; or one for each item.")
      .param(&FoldParams::operation, "operation", "What to make of the numbers.")
      .param(&FoldParams::attribute, "attribute", "The attribute that holds the number; empty takes the payload.")
      .param(&FoldParams::emit, "emit",
             "One result at the end (`final`; none for `min`, `max` and `mean` of no items), or the result so far for "
             "each item (`running`).")
      .error(kNotANumber)
      .error(kOverflow)
      .example(R"({"type": "fold", "operation": "min", "emit": "running"})");
}

}  // namespace penstock::stages
