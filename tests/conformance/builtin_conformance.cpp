// The conformance tests over the built-in stages.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/testing/conformance.h"
#include "stages/builtin.h"
#include "stages/types/encoded_image.h"
#include "stages/types/json.h"
#include "tests/support/direct_network.h"
#include "tests/support/test_image.h"

namespace penstock {
namespace {

std::vector<std::string> image_files() {
  const std::string jpeg = test::encode_image(test::quarters(64, 48), ".jpg", 6);
  const std::string png = test::encode_image(test::noise(40, 30, 4), ".png");
  std::string damaged = png;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  return {jpeg,
          png,
          test::encode_image(test::quarters(33, 17), ".webp"),
          jpeg.substr(0, jpeg.size() / 2),
          jpeg.substr(0, 4),
          png.substr(0, 20),
          damaged,
          test::png_that_claims(100'000, 100'000),
          test::png_that_claims(0, 0),
          "",
          "x",
          "GIF89a"};
}

nlohmann::json deep_list() {
  nlohmann::json deep = 1;
  for (int level = 0; level < 500; ++level) deep = nlohmann::json::array({std::move(deep)});
  return deep;
}

std::vector<Payload> payloads() {
  std::vector<Payload> payloads;
  for (const std::string& data : image_files()) payloads.emplace_back(Bytes(data));
  // Also bytes that are not what their type says.
  for (const std::string& data : image_files()) {
    payloads.emplace_back(stages::EncodedImage(Bytes(data), stages::ImageFormat::jpeg, 8, 8));
  }
  for (nlohmann::json value :
       {nlohmann::json(), nlohmann::json(true), nlohmann::json(-1), nlohmann::json(1e308), nlohmann::json("\xff"),
        nlohmann::json::array(), nlohmann::json::object(), deep_list()}) {
    payloads.emplace_back(Json(std::move(value)));
  }
  return payloads;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  penstock::testing::use_no_proxy();
  penstock::Registry registry;
  penstock::stages::register_builtin_stages(registry);
  return penstock::testing::run_conformance_tests(argc, argv, registry, {.payloads = penstock::payloads()});
}
