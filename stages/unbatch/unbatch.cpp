// A list becomes an item for each of its elements.
// SPDX-License-Identifier: Apache-2.0
#include "stages/unbatch/unbatch.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "penstock/stage.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

constexpr ErrorCode kNotAList{"unbatch.not_a_list", "The payload is no JSON array."};

class Unbatch final : public Expand<Json, Json> {
 public:
  Generator<Json> process(const Json& in, StageContext&) const override {
    if (!in.value().is_array()) {
      throw ItemError(kNotAList, std::string("expected a list, got ") + in.value().type_name());
    }
    for (const nlohmann::json& element : in.value()) {
      Json value(element);
      co_yield std::move(value);
    }
  }
};

}  // namespace

StageSpec unbatch_spec() {
  return describe_stage<Unbatch>("unbatch")
      .summary("Make an item of each element of a list.")
      .input<Json>("list", "A JSON array.")
      .output<Json>("elements", "Its elements, in order; each keeps the key and the attributes of the list.")
      .error(kNotAList)
      .example(R"({"type": "unbatch"})");
}

}  // namespace penstock::stages
