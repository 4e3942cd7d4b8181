// The declared error codes beside the sources. That a diagnostic has no other code is the compiler's work.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <set>
#include <string>

#include "framework/base/engine_codes.h"
#include "penstock/diagnostic_code.h"

namespace penstock {
namespace {

using ::testing::IsSubsetOf;

/// String literals that look like a code of one of the areas.
std::set<std::string> literals(std::initializer_list<const char*> folders, const std::string& areas) {
  const re2::RE2 literal("\"((?:" + areas + ")\\.[a-z0-9_]+)\"");
  std::set<std::string> codes;
  for (const char* folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const auto extension = entry.path().extension();
      const bool declares = entry.path().stem() == "diagnostic_code" || entry.path().stem() == "engine_codes";
      if ((extension != ".cpp" && extension != ".h") || declares) continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      std::string code;
      for (re2::StringPiece rest(text); re2::RE2::FindAndConsume(&rest, literal, &code);) codes.insert(code);
    }
  }
  return codes;
}

template <class Codes>
std::set<std::string> names_of(const Codes& codes) {
  std::set<std::string> names;
  for (const auto& entry : codes) {
    EXPECT_TRUE(names.insert(std::string(entry.code)).second) << entry.code << " twice";
    EXPECT_TRUE(entry.text.ends_with('.')) << entry.code;
  }
  return names;
}

TEST(DiagnosticCodes, AreSortedAndAllInUse) {
  EXPECT_TRUE(std::is_sorted(kDiagnosticCodes.begin(), kDiagnosticCodes.end(),
                             [](const auto& a, const auto& b) { return a.code < b.code; }));
  EXPECT_THAT(
      names_of(kDiagnosticCodes),
      IsSubsetOf(literals({"framework", "stages"}, "config|file|graph|json|option|param|plugin|stage|template|test")));
}

TEST(DiagnosticCodes, KnowNoOthers) {
  static_assert(is_diagnostic_code("option.range"));
  static_assert(!is_diagnostic_code("option.rang"));
  static_assert(!is_diagnostic_code(""));
}

TEST(EngineCodes, AreAllThatTheEngineAbortsWith) {
  EXPECT_EQ(names_of(kEngineRunCodes), literals({"framework/runtime"}, "run|source|stage"));
}

}  // namespace
}  // namespace penstock
