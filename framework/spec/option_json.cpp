// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/option_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>
#include <variant>

namespace penstock::spec {
namespace {

using Json = nlohmann::ordered_json;

const ParamSpec* find(const std::vector<ParamSpec>& params, const std::string& name) {
  for (const ParamSpec& param : params) {
    if (param.name == name) return &param;
  }
  return nullptr;
}

/// Like to_json(), without the secrets of the objects in it.
Json without_secrets(const OptionType& type, const OptionValue& value) {
  Json json;
  if (value.holds<OptionList>() && type.element) {
    json = Json::array();
    for (const OptionValue& element : value.get<OptionList>()) json.push_back(without_secrets(*type.element, element));
  } else if (value.holds<OptionMap>()) {
    json = Json::object();
    for (const auto& [key, element] : value.get<OptionMap>()) {
      const ParamSpec* field = find(type.fields, key);
      if (field != nullptr) {
        json[key] = shown_json(*field, element);
      } else {
        json[key] = type.element ? without_secrets(*type.element, element) : to_json(element);
      }
    }
  } else {
    json = to_json(value);
  }
  return json;
}

/// "***" for each value that is set. Maps and lists keep their shape, so that what is shown can be read again.
Json hidden(const OptionValue& value) {
  Json json;
  if (value.is_absent() || value == OptionValue(std::string())) {
    json = to_json(value);
  } else if (value.holds<OptionList>()) {
    json = Json::array();
    for (const OptionValue& element : value.get<OptionList>()) json.push_back(hidden(element));
  } else if (value.holds<OptionMap>()) {
    json = Json::object();
    for (const auto& [key, element] : value.get<OptionMap>()) json[key] = hidden(element);
  } else {
    json = "***";
  }
  return json;
}

}  // namespace

Json to_json(const OptionValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<Held, Duration> || std::is_same_v<Held, ByteSize>) {
          return to_string(held);
        } else if constexpr (std::is_same_v<Held, OptionList>) {
          Json list = Json::array();
          for (const OptionValue& element : held) list.push_back(to_json(element));
          return list;
        } else if constexpr (std::is_same_v<Held, OptionMap>) {
          Json map = Json::object();
          for (const auto& [key, element] : held) map[key] = to_json(element);
          return map;
        } else {
          return held;
        }
      },
      value.variant());
}

Json shown_json(const ParamSpec& param, const OptionValue& value) {
  if (param.is_secret) return hidden(value);
  return without_secrets(param.type, value);
}

OptionValue default_of(const ParamSpec& param, const void* defaults) {
  return defaults == nullptr || !param.get ? OptionValue() : param.get(defaults);
}

bool is_worth_showing(const OptionValue& default_value) {
  return !default_value.is_absent() && default_value != OptionValue(std::string());
}

}  // namespace penstock::spec
