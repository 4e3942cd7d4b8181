// SPDX-License-Identifier: Apache-2.0
#include "tests/cases/compare_report.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace penstock::cases {
namespace {

using Json = nlohmann::json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string sha256(std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

Json items_of(const RunReport& report) {
  return {{"admitted", report.items.admitted},
          {"done", report.items.done},
          {"dropped", report.items.dropped},
          {"failed", report.items.failed},
          {"cancelled", report.items.cancelled}};
}

Json counts_of(const StageReport& stage) {
  return {{"in", stage.in},
          {"out", stage.out},
          {"dropped", stage.dropped},
          {"failed", stage.failed},
          {"handled", stage.handled},
          {"cancelled", stage.cancelled},
          {"retries", stage.retries},
          {"bytes_in", stage.bytes_in},
          {"bytes_out", stage.bytes_out},
          {"peak_in_flight", stage.peak_in_flight}};
}

class Comparison {
 public:
  void expect(const std::string& what, const Json& expected, const Json& found) {
    if (expected != found) text_ += what + ": expected " + dump(expected) + ", got " + dump(found) + "\n";
  }
  /// Lists whose order does not matter.
  void expect_all(const std::string& what, Json expected, Json found) {
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    expect(what, expected, found);
  }
  void expect_file(const std::string& name, const Json& expected, const std::string& data) {
    if (expected.is_string()) {
      expect("file " + name, expected, data);
    } else if (expected.contains("bytes")) {
      expect("bytes of file " + name, expected.at("bytes"), data.size());
    } else {
      expect("SHA-256 of file " + name, expected.at("sha256"), sha256(data));
    }
  }
  void expect_stage(const std::string& name, const Json& expected, const std::vector<StageReport>& stages) {
    const auto found = std::find_if(stages.begin(), stages.end(), [&](const StageReport& s) { return s.name == name; });
    if (found == stages.end()) {
      text_ += "there is no stage " + name + "\n";
      return;
    }
    const Json counts = counts_of(*found);
    for (const auto& [key, value] : expected.items()) expect("stage " + name + ", " + key, value, counts.at(key));
  }
  void expect_known_keys(const Json& expected) {
    for (const auto& [key, value] : expected.items()) {
      constexpr std::array<std::string_view, 7> kKeys = {"outcome", "items",  "errors", "failures",
                                                         "abort",   "stages", "files"};
      if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) text_ += "expect.json: unknown key " + key + "\n";
    }
  }

  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string differences(const Json& expected, const RunReport& report, const std::vector<FailureRecord>& failures,
                        const std::map<std::string, std::string>& files) {
  Comparison comparison;
  comparison.expect_known_keys(expected);
  if (!report.items.is_balanced()) comparison.expect("items, balanced", true, items_of(report));
  comparison.expect("outcome", expected.value("outcome", "completed"), to_string(report.outcome));

  Json items = {{"admitted", 0}, {"done", 0}, {"dropped", 0}, {"failed", 0}, {"cancelled", 0}};
  items.update(expected.value("items", Json::object()));
  comparison.expect("items", items, items_of(report));

  Json abort;
  if (report.abort) abort = {{"stage", report.abort->stage}, {"code", report.abort->code}};
  comparison.expect("abort", expected.value("abort", Json()), abort);

  Json errors = Json::array();
  for (const ErrorSummary& error : report.errors) {
    errors.push_back({{"stage", error.stage}, {"code", error.code}, {"count", error.count}});
  }
  comparison.expect_all("errors", expected.value("errors", Json::array()), errors);

  if (expected.contains("failures")) {
    Json found = Json::array();
    for (const FailureRecord& failure : failures) {
      found.push_back(
          {{"key", failure.key}, {"stage", failure.stage}, {"code", failure.code}, {"attempts", failure.attempts}});
    }
    comparison.expect_all("failures", expected.at("failures"), found);
  }

  const Json stages = expected.value("stages", Json::object());
  for (const auto& [name, counts] : stages.items()) {
    comparison.expect_stage(name, counts, report.stages);
  }

  const Json expected_files = expected.value("files", Json::object());
  Json expected_names = Json::array();
  Json names = Json::array();
  for (const auto& [name, data] : files) names.push_back(name);
  for (const auto& [name, data] : expected_files.items()) {
    expected_names.push_back(name);
    if (files.contains(name)) comparison.expect_file(name, data, files.at(name));
  }
  comparison.expect_all("files", expected_names, names);
  return std::move(comparison).text();
}

}  // namespace penstock::cases
