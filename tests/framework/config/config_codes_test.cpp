// SPDX-License-Identifier: Apache-2.0
#include "framework/config/config_codes.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace penstock::config {
namespace {

/// Codes of diagnostics in the sources, which stand there as whole string literals.
std::set<std::string> codes_in_sources() {
  static const re2::RE2 kCode(R"re("((?:config|graph|json|option|param|stage)\.[a-z_]+)")re");
  // Not of configurations: what items and runs fail with.
  static const std::set<std::string> kOthers = {"stage.exception", "stage.out_of_memory", "stage.open", "stage.close"};
  std::set<std::string> codes = {"file.read", "template.unknown_attribute"};
  for (const char* folder :
       {"framework/base", "framework/spec", "framework/config", "framework/graph", "framework/api", "stages"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".cpp" || entry.path().stem() == "config_codes") continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      std::string code;
      for (re2::StringPiece rest(text); re2::RE2::FindAndConsume(&rest, kCode, &code);) {
        if (!kOthers.contains(code)) codes.insert(code);
      }
    }
  }
  return codes;
}

TEST(ConfigCodes, ListEveryCodeOfTheSourcesAndNoOther) {
  std::set<std::string> listed;
  for (const auto& [code, text] : config_codes()) {
    EXPECT_TRUE(listed.insert(code).second) << code << " twice";
    EXPECT_FALSE(text.empty()) << code;
  }
  EXPECT_EQ(listed, codes_in_sources());
}

}  // namespace
}  // namespace penstock::config
