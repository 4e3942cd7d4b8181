// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/payload_form.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "penstock/bytes.h"

namespace penstock::testing {
namespace {

const std::string& data_of(const PayloadParts& parts, const char* type) {
  if (parts.data && !parts.json) return *parts.data;
  throw std::invalid_argument(std::string("a payload of type `") + type + "` is made of `text` or `file`");
}

Payload make_none(const PayloadParts& parts) {
  if (parts.data || parts.json) throw std::invalid_argument("a payload of type `none` is made of nothing");
  return Payload();
}

Payload make_integer(const PayloadParts& parts) {
  if (parts.json && !parts.data) {
    const auto json = nlohmann::json::parse(*parts.json);
    if (json.is_number_integer()) return Payload(Integer{json.get<std::int64_t>()});
  }
  throw std::invalid_argument("a payload of type `integer` is made of a `json` that is an integer");
}

}  // namespace

std::vector<PayloadForm> framework_payload_forms() {
  return {{.type = &payload_type<None>(), .make = make_none, .data = {}, .json = {}},
          {.type = &payload_type<Integer>(),
           .make = make_integer,
           .data = {},
           .json = [](const Payload& payload) { return std::to_string(payload.get<Integer>().value); }},
          {.type = &payload_type<Text>(),
           .make = [](const PayloadParts& parts) { return Payload(Text{data_of(parts, "text")}); },
           .data = [](const Payload& payload) { return payload.get<Text>().value; },
           .json = {}},
          {.type = &payload_type<Bytes>(),
           .make = [](const PayloadParts& parts) { return Payload(Bytes(data_of(parts, "bytes"))); },
           .data = [](const Payload& payload) { return std::string(payload.get<Bytes>().view()); },
           .json = {}}};
}

}  // namespace penstock::testing
