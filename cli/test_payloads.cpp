// SPDX-License-Identifier: Apache-2.0
#include "cli/test_payloads.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "stages/common/image_format.h"
#include "stages/common/image_header.h"
#include "stages/types/encoded_image.h"
#include "stages/types/json.h"

namespace penstock::cli {
namespace {

using stages::EncodedImage;
using testing::PayloadParts;

Payload make_json(const PayloadParts& parts) {
  if (!parts.json || parts.data) throw std::invalid_argument("a payload of type `json` is made of `json`");
  return Payload(Json(nlohmann::json::parse(*parts.json)));
}

Payload make_image(const PayloadParts& parts) {
  const std::optional<stages::ImageFormat> format =
      parts.data ? stages::detect_image_format(*parts.data) : std::nullopt;
  if (!format || parts.json) {
    throw std::invalid_argument("a payload of type `encoded_image` is made of a `file` that is an image");
  }
  const std::optional<stages::ImageHeader> header = stages::read_image_header(*parts.data, *format);
  const auto pixels = [](std::uint32_t count) { return static_cast<int>(count); };
  return Payload(EncodedImage(Bytes(*parts.data), *format, header ? pixels(header->shown_width()) : 0,
                              header ? pixels(header->shown_height()) : 0));
}

std::string image_json(const Payload& payload) {
  const auto& image = payload.get<EncodedImage>();
  const nlohmann::ordered_json json = {
      {"format", name_of(image.format())}, {"width", image.width()}, {"height", image.height()}};
  return json.dump();
}

}  // namespace

std::vector<testing::PayloadForm> payload_forms() {
  std::vector<testing::PayloadForm> forms = testing::framework_payload_forms();
  forms.push_back({.type = &payload_type<Json>(), .make = make_json, .data = {}, .json = [](const Payload& payload) {
                     return payload.get<Json>().value().dump();
                   }});
  forms.push_back({.type = &payload_type<EncodedImage>(), .make = make_image, .data = {}, .json = image_json});
  return forms;
}

}  // namespace penstock::cli
