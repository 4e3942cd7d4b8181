// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/conformance/hostile_items.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "framework/spec/common_options.h"
#include "framework/testing/stage_options.h"
#include "penstock/bytes.h"

namespace penstock::testing::conformance {
namespace {

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

std::vector<Payload> framework_payloads() {
  std::vector<Payload> payloads = {Payload()};
  for (const std::int64_t value :
       {std::int64_t{12}, std::int64_t{0}, std::int64_t{-1}, std::int64_t{999'983},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    payloads.emplace_back(Integer{value});
  }
  for (std::string& text : keys()) payloads.emplace_back(Text{std::move(text)});
  for (const char* data : {"some bytes", "", "x", "GIF89a", "RIFF....WEBP", "%PDF-1.7\n",
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"}) {
    payloads.emplace_back(Bytes(std::string(data)));
  }
  payloads.emplace_back(Bytes(std::string(100'000, '\0')));
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

Samples samples_of(const std::vector<Payload>& own) {
  Samples samples;
  const auto add = [&samples](const Payload& payload) {
    const auto same = std::find_if(samples.begin(), samples.end(), [&](const std::vector<Payload>& group) {
      return group.front().type().name == payload.type().name;
    });
    if (same == samples.end()) {
      samples.push_back({payload});
    } else {
      same->push_back(payload);
    }
  };
  std::for_each(own.begin(), own.end(), add);
  const std::vector<Payload> others = framework_payloads();
  std::for_each(others.begin(), others.end(), add);
  return samples;
}

namespace {

/// What the stage takes with the options of its example.
std::vector<const PayloadType*> accepted_types(const StageSpec& spec) {
  if (!spec.port_types) return spec.input->types;
  nlohmann::json options = nlohmann::json::parse(spec.example);
  for (const std::string& key : spec::common_keys()) options.erase(key);
  return spec.port_types(parse_stage_options(spec, options.dump(), ".").get()).input;
}

}  // namespace

const std::vector<Payload>& samples_for(const StageSpec& spec, const Samples& samples) {
  const std::vector<const PayloadType*> accepted = accepted_types(spec);
  for (const std::vector<Payload>& group : samples) {
    const PayloadType& type = group.front().type();
    const auto takes = [&type](const PayloadType* wanted) { return type.is_a(*wanted); };
    const bool fits = accepted.empty() ? type.name == payload_type<None>().name
                                       : std::any_of(accepted.begin(), accepted.end(), takes);
    if (fits) return group;
  }
  throw std::runtime_error("`" + spec.type + "` takes payloads of type `" + std::string(accepted.front()->name) +
                           "`, of which there are no samples; give some as ConformanceOptions::payloads");
}

std::vector<SourceItem> hostile_items(const std::vector<Payload>& payloads,
                                      const std::vector<std::string>& attributes) {
  const std::vector<std::string> all_keys = keys();
  const std::vector<AttributeValue> values = attribute_values();
  // Every key, payload and value comes up several times, each time in other company; the first item is an ordinary one.
  const std::size_t count = 2 * std::max({all_keys.size(), payloads.size(), values.size()}) + 1;
  std::vector<SourceItem> items;
  for (std::size_t i = 0; i < count; ++i) {
    SourceItem item{.key = all_keys[i % all_keys.size()], .attributes = {}, .payload = payloads[i % payloads.size()]};
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

}  // namespace penstock::testing::conformance
