// The generated pages beside the sources.
// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

/// The codes of the constants that are declared as `ErrorCode kName{"code", …}`.
std::set<std::string> declared_codes() {
  static const re2::RE2 kDeclaration(R"re(ErrorCode k\w+\{\s*"([^"]+)")re");
  std::set<std::string> codes;
  for (const char* folder : {"framework", "stages"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      std::string code;
      for (re2::StringPiece rest(text); re2::RE2::FindAndConsume(&rest, kDeclaration, &code);) codes.insert(code);
    }
  }
  return codes;
}

TEST(Reference, ErrorsPageHasEveryCodeThatIsDeclared) {
  const std::string page = reference_files(".").at("docs/reference/errors.md");
  const std::set<std::string> codes = declared_codes();
  EXPECT_GT(codes.size(), 30U);
  for (const std::string& code : codes) EXPECT_THAT(page, HasSubstr("| `" + code + "` |"));
}

}  // namespace
}  // namespace penstock::cli
