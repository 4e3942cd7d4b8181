// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/hostile_items.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "penstock/bytes.h"
#include "stages/types/encoded_image.h"
#include "stages/types/json.h"
#include "tests/support/test_image.h"

namespace penstock::conformance {
namespace {

using stages::EncodedImage;
using stages::ImageFormat;

/// A line of one character. GCC 12 warns about `std::string(n, c) + "\n"` in an initializer list.
std::string repeated(std::size_t count, char c) {
  std::string line(count, c);
  line += '\n';
  return line;
}

/// No key has a host name: nothing is looked up.
std::vector<std::string> keys() {
  return {"photo.jpg",
          "a/b/c.png",
          "",
          "..",
          "../../etc/passwd",
          "/etc/passwd",
          "file:///etc/passwd",
          "file:photo.jpg",
          "http://127.0.0.1:1/x",
          "http://[::1]/",
          "http://[::ffff:10.0.0.1]/",
          "https://169.254.169.254/latest",
          "http://0x7f000001/",
          "http://[::1",
          "http://",
          "ftp://127.0.0.1/x",
          "javascript:alert(1)",
          "{key}",
          "${env:HOME}",
          "%00",
          "%2e%2e%2f",
          std::string("nul\0byte", 8),
          "line\r\nfeed: x",
          "\xff\xfe",
          "\xED\xA0\x80",
          "snowman \xE2\x98\x83",
          std::string(300, 'n'),
          std::string(70'000, 'k')};
}

std::vector<std::string> datas() {
  const std::string jpeg = test::encode_image(test::quarters(64, 48), ".jpg", 6);
  const std::string png = test::encode_image(test::noise(40, 30, 4), ".png");
  std::string damaged = png;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
  return {jpeg,
          png,
          test::encode_image(test::quarters(33, 17), ".webp"),
          "",
          "x",
          jpeg.substr(0, jpeg.size() / 2),
          jpeg.substr(0, 4),
          png.substr(0, 20),
          damaged,
          test::png_that_claims(100'000, 100'000),
          test::png_that_claims(0, 0),
          "GIF89a",
          "RIFF....WEBP",
          "%PDF-1.7\n",
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>",
          std::string(100'000, '\0')};
}

nlohmann::json deep_list() {
  nlohmann::json deep = 1;
  for (int level = 0; level < 500; ++level) deep = nlohmann::json::array({std::move(deep)});
  return deep;
}

std::vector<Payload> json_payloads() {
  std::vector<Payload> payloads;
  for (nlohmann::json value :
       {nlohmann::json(), nlohmann::json(true), nlohmann::json(-1), nlohmann::json(1e308), nlohmann::json("\xff"),
        nlohmann::json::array(), nlohmann::json::object(), deep_list()}) {
    payloads.emplace_back(Json(std::move(value)));
  }
  return payloads;
}

std::vector<Payload> payloads_of(const PayloadType& type) {
  std::vector<Payload> payloads;
  if (type.name == payload_type<None>().name) payloads = {Payload()};
  if (type.name == payload_type<Integer>().name) {
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{12}, std::int64_t{999'983},
          std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
      payloads.emplace_back(Integer{value});
    }
  }
  if (type.name == payload_type<Text>().name) {
    for (std::string& text : keys()) payloads.emplace_back(Text{std::move(text)});
  }
  if (type.name == payload_type<Bytes>().name) {
    for (std::string& data : datas()) payloads.emplace_back(Bytes(std::move(data)));
  }
  if (type.name == payload_type<EncodedImage>().name) {
    // Bytes that are not what their type says.
    for (std::string& data : datas())
      payloads.emplace_back(EncodedImage(Bytes(std::move(data)), ImageFormat::jpeg, 8, 8));
  }
  if (type.name == payload_type<Json>().name) payloads = json_payloads();
  return payloads;
}

std::vector<AttributeValue> attribute_values() {
  return {std::int64_t{64},
          std::int64_t{0},
          std::int64_t{-1},
          std::numeric_limits<std::int64_t>::max(),
          1e308,
          std::numeric_limits<double>::quiet_NaN(),
          std::numeric_limits<double>::infinity(),
          true,
          nullptr,
          std::string(),
          std::string("../x"),
          std::string("nul\0", 4),
          std::string(5000, 'v')};
}

}  // namespace

std::vector<const PayloadType*> sample_types() {
  return {&payload_type<None>(), &payload_type<Bytes>(),   &payload_type<EncodedImage>(),
          &payload_type<Json>(), &payload_type<Integer>(), &payload_type<Text>()};
}

const PayloadType& sample_type_for(const StageSpec& spec) {
  for (const PayloadType* type : sample_types()) {
    const auto takes = [&](const PayloadType* accepted) { return type->is_a(*accepted); };
    const std::vector<const PayloadType*>& accepted = spec.input->types;
    if (accepted.empty() || std::any_of(accepted.begin(), accepted.end(), takes)) return *type;
  }
  throw std::runtime_error("`" + spec.type + "` takes none of the sample payloads; add some to " __FILE__);
}

std::vector<SourceItem> hostile_items(const PayloadType& type, const std::vector<std::string>& attributes) {
  const std::vector<std::string> all_keys = keys();
  const std::vector<Payload> all_payloads = payloads_of(type);
  const std::vector<AttributeValue> values = attribute_values();
  // Every key, payload and value comes up several times, each time in other company; the first item is an ordinary one.
  const std::size_t count = 2 * std::max({all_keys.size(), all_payloads.size(), values.size()}) + 1;
  std::vector<SourceItem> items;
  for (std::size_t i = 0; i < count; ++i) {
    SourceItem item{
        .key = all_keys[i % all_keys.size()], .attributes = {}, .payload = all_payloads[i % all_payloads.size()]};
    for (std::size_t a = 0; a < attributes.size(); ++a) {
      const std::size_t which = (i + a) % (values.size() + 1);
      if (which < values.size()) item.attributes.set(attributes[a], values[which]);  // Else it is missing.
    }
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<std::string> hostile_files() {
  return {"url,size\nhttp://127.0.0.1/a.jpg,1\n\"quoted, \"\"b\"\"\",2\n",
          "{\"url\": \"a.jpg\", \"size\": [64, 48]}\n{\"url\": \"b.jpg\", \"size\": []}\n",
          "",
          "\n\r\n\n",
          "\xEF\xBB\xBFurl\nx",
          "url\n\"never closed\n",
          "url,url\n1,2\n",
          "url,size\n1\n1,2,3\n",
          "{\"url\": {}}\n",
          "{\"url\": 1e400}\n",
          "[[[[\n",
          "\xff\xfe\x00\x01",
          std::string("a\0b\n", 4),
          repeated(5'000, '['),
          repeated(3'000'000, 'x')};
}

}  // namespace penstock::conformance
