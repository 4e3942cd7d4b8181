// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/compare_data.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

#include "framework/base/quote.h"
#include "framework/spec/option_json.h"
#include "framework/testing/configure_runner.h"
#include "framework/testing/file_text.h"

namespace penstock::testing {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Of objects the expected keys count; all else must be equal.
void compare_json(const std::string& name, const Json& expected, const Json& got, std::vector<std::string>& lines) {
  if (expected.is_object() && got.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      const std::string below = name + "." + key;
      const auto at = got.find(key);
      if (at == got.end()) {
        lines.push_back(below + ": " + expected_got(dump(value), "nothing"));
      } else {
        compare_json(below, value, *at, lines);
      }
    }
  } else if (nlohmann::json(expected) != nlohmann::json(got)) {
    lines.push_back(name + ": " + expected_got(dump(expected), dump(got)));
  }
}

std::string counted(std::size_t bytes) { return std::to_string(bytes) + " bytes"; }

void compare_content(const char* what, std::string_view expected, std::string_view got,
                     std::vector<std::string>& lines) {
  if (expected == got) return;
  const auto differs = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
  const auto at = static_cast<std::size_t>(differs.first - expected.begin());
  const std::size_t from = at < 20 ? 0 : at - 20;
  const std::string_view dots = from == 0 ? "" : "...";
  lines.push_back(std::string(what) + ": expected " + counted(expected.size()) + ", got " + counted(got.size()) +
                  "; they differ from byte " + std::to_string(at) + " on:");
  lines.push_back("  expected " + std::string(dots) + quote(expected.substr(from)));
  lines.push_back("  got      " + std::string(dots) + quote(got.substr(from)));
}

void compare_data(const ExpectedData& expected, std::string_view data, std::vector<std::string>& lines) {
  if (expected.sha256) {
    const std::string digest = sha256(data);
    if (digest != expected.sha256->hex) lines.push_back("sha256: " + expected_got(expected.sha256->hex, digest));
  }
  if (expected.text) compare_content("text", *expected.text, data, lines);
  if (expected.file) {
    try {
      compare_content("file", read_file(expected.file->resolved), data, lines);
    } catch (const std::system_error& error) {
      lines.push_back("file " + quote(expected.file->text) + " cannot be read: " + error.code().message());
    }
  }
}

bool wants_data(const ExpectedData& expected) { return expected.sha256 || expected.text || expected.file; }

/// The form of the type or of the nearest that it is derived from.
template <class Wanted>
const PayloadForm* form_of(const PayloadType* type, const std::vector<PayloadForm>& forms, Wanted is_wanted) {
  for (; type != nullptr; type = type->base) {
    const PayloadForm* form = find_form(forms, type->name);
    if (form != nullptr && is_wanted(*form)) return form;
  }
  return nullptr;
}

}  // namespace

std::string expected_got(std::string_view expected, std::string_view got) {
  return "expected " + std::string(expected) + ", got " + std::string(got);
}

std::vector<std::string> compare_payload(const ExpectedData& expected, const Payload& payload,
                                         const std::vector<PayloadForm>& forms) {
  std::vector<std::string> lines;
  const PayloadType& type = payload.type();
  if (expected.type && *expected.type != type.name) {
    lines.push_back("type: " + expected_got(quote_name(*expected.type), quote_name(type.name)));
  }
  if (expected.bytes && *expected.bytes != payload.bytes()) {
    lines.push_back("bytes: " + expected_got(std::to_string(*expected.bytes), std::to_string(payload.bytes())));
  }
  if (wants_data(expected)) {
    const PayloadForm* form = form_of(&type, forms, [](const PayloadForm& f) { return f.data != nullptr; });
    if (form == nullptr) {
      lines.push_back("a payload of type " + quote_name(type.name) + " has no bytes to compare");
    } else {
      compare_data(expected, form->data(payload), lines);
    }
  }
  if (expected.json) {
    const PayloadForm* form = form_of(&type, forms, [](const PayloadForm& f) { return f.json != nullptr; });
    if (form == nullptr) {
      lines.push_back("a payload of type " + quote_name(type.name) + " has no JSON to compare");
    } else {
      compare_json("json", spec::to_json(expected.json->value), Json::parse(form->json(payload)), lines);
    }
  }
  return lines;
}

std::vector<std::string> compare_bytes(const ExpectedData& expected, std::string_view data) {
  std::vector<std::string> lines;
  if (expected.type || expected.json) lines.emplace_back("`type` and `json` are for payloads");
  if (expected.bytes && *expected.bytes != data.size()) {
    lines.push_back("bytes: " + expected_got(std::to_string(*expected.bytes), std::to_string(data.size())));
  }
  compare_data(expected, data, lines);
  return lines;
}

std::string sha256(std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

}  // namespace penstock::testing
