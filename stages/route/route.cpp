// Each item goes to the first port whose condition holds.
// SPDX-License-Identifier: Apache-2.0
#include "stages/route/route.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/condition.h"

namespace penstock::stages {
namespace {

struct RouteParams {
  std::vector<std::pair<std::string, Condition>> ports;
  std::optional<std::string> otherwise;
};

class RouteByCondition final : public Route<Payload> {
 public:
  explicit RouteByCondition(RouteParams params) : params_(std::move(params)) {}

  std::vector<std::string> ports() const override {
    std::vector<std::string> names;
    for (const auto& port : params_.ports) names.push_back(port.first);
    if (params_.otherwise) names.push_back(*params_.otherwise);
    return names;
  }

  std::optional<std::size_t> route(const Payload&, const StageContext& context) const override {
    for (std::size_t i = 0; i < params_.ports.size(); ++i) {
      if (params_.ports[i].second.holds(context.attributes())) return i;
    }
    if (params_.otherwise) return params_.ports.size();
    return std::nullopt;
  }

 private:
  RouteParams params_;
};

void check_port_name(std::string_view name, const std::string& pointer) {
  const bool is_word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!is_word) {
    throw OptionError("option.value",
                      "expected the name of a port (letters, digits, `_`, `-`), got \"" + std::string(name) + "\"", {},
                      pointer);
  }
  if (name == "failed") {
    throw OptionError("option.value", "the port `failed` is there already: every stage has it", "choose another name",
                      pointer);
  }
}

void check_ports(const RouteParams& params) {
  for (const auto& port : params.ports) check_port_name(port.first, "/ports");
  if (!params.otherwise) return;
  check_port_name(*params.otherwise, "/otherwise");
  for (const auto& port : params.ports) {
    if (port.first != *params.otherwise) continue;
    throw OptionError("option.value",
                      "`otherwise` names the port `" + port.first + "`, which has a condition of its own",
                      "give it a name that is not in `ports`", "/otherwise");
  }
}

}  // namespace

StageSpec route_spec() {
  return describe_stage<RouteByCondition, RouteParams>("route")
      .summary("Send each item to the first of its ports whose condition holds.")
      .input<Payload>("items", "Any items.")
      .output_same_as_input("ports", "The items, unchanged, on the ports that `ports` and `otherwise` name.")
      .param(&RouteParams::ports, "ports", "Ports with their conditions, tried in this order.", at_least(1))
      .required()
      .param(&RouteParams::otherwise, "otherwise",
             "Port of the items that no condition takes; without it they are dropped.")
      .check(check_ports)
      .example(
          R"({"type": "route", "ports": {"small": {"attribute": "image.width", "less_than": 100}}, "otherwise": "large"})");
}

}  // namespace penstock::stages
