// The pipelines of configs/patterns/ as they stand, run by the program: their output is the one that lies beside them.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/child_process.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "configs/patterns";

/// They write files: process_patterns_test.cpp.
bool runs_programs(std::string_view name) {
  return name.starts_with("subprocess_") || name == "command_lines" || name == "isolation";
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_with(const std::string& extension) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    const std::string name = entry.path().stem();
    if (entry.path().extension() == extension && !name.ends_with(".test") && !runs_programs(name))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Patterns : public ::testing::TestWithParam<std::string> {};

TEST_P(Patterns, PrintsWhatIsExpected) {
  testing::ChildProcess program(
      {PENSTOCK_PROGRAM, "run", kFolder + ("/" + GetParam()) + ".json", "--progress", "never"});
  EXPECT_EQ(program.wait(), 0) << program.error_output();
  EXPECT_EQ(program.output(), read(kFolder + ("/" + GetParam()) + ".expected"));
}

TEST(PatternFiles, EachHasAnExpectedOutput) {
  const std::vector<std::string> names = names_with(".json");
  EXPECT_FALSE(names.empty());
  EXPECT_EQ(names, names_with(".expected"));
}

TEST(PatternFiles, EachStandsOnItsPage) {
  const std::string page = read("docs/patterns.md");
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json" || entry.path().stem().extension() == ".test") continue;
    EXPECT_THAT(page, ::testing::HasSubstr(entry.path().filename().string()));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Patterns, ::testing::ValuesIn(names_with(".expected")),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace penstock
