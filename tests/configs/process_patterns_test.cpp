// The pipelines of configs/patterns/ that run programs, as they stand: the files that they write, in the order of their
// names, are what lies beside them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs a program to its end; its output.
std::string run(std::vector<std::string> arguments, testing::ChildProcess::Options options = {}) {
  testing::ChildProcess child(std::move(arguments), std::move(options));
  EXPECT_EQ(child.wait(), 0) << child.error_output();
  return child.output();
}

class ProcessPatterns : public ::testing::TestWithParam<std::string> {
 protected:
  /// `more`: further arguments.
  void run_pattern(const std::string& name, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {PENSTOCK_PROGRAM, "run", file(name, ".json"), "--progress", "never"};
    arguments.insert(arguments.end(), {"--set", "to=file:" + out_.path()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    run(std::move(arguments));
  }
  static std::string file(const std::string& name, const std::string& extension) {
    return "configs/patterns/" + name + extension;
  }
  std::string written() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(out_.path())) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::string all;
    for (const fs::path& path : files) all += read(path);
    return all;
  }
  const testing::TempDir out_;
};

TEST_P(ProcessPatterns, WriteWhatIsExpected) {
  run_pattern(GetParam());
  EXPECT_EQ(written(), read(file(GetParam(), ".expected")));
}

INSTANTIATE_TEST_SUITE_P(All, ProcessPatterns,
                         ::testing::Values("command_lines", "subprocess_echo", "subprocess_pipe", "subprocess_sleep",
                                           "subprocess_timeout"),
                         [](const auto& name) { return name.param; });

// Encryption is salted: the output is never the same.
TEST_F(ProcessPatterns, WriteWhatCanBeDecrypted) {
  run_pattern("subprocess_encrypt");
  for (const std::string number : {"1", "2", "3"}) {
    const std::string plain = read(out_.path(number));
    EXPECT_EQ(plain.size(), 1'000'000U);
    EXPECT_TRUE(read(out_.path(number + ".enc")).starts_with("Salted__"));
    run({"/usr/bin/openssl", "enc", "-d", "-des3", "-pbkdf2", "-pass", "env:PASSWORD", "-in",
         out_.path(number + ".enc"), "-out", out_.path(number + ".dec")},
        {.environment = {{"PASSWORD", "correct horse battery staple"}}});
    EXPECT_TRUE(read(out_.path(number + ".dec")) == plain) << number;
  }
}

// Pictures are compared with those that the same pipeline makes without worker processes.
TEST_F(ProcessPatterns, WriteTheSameThumbnailsInProcessesOfTheirOwn) {
  run_pattern("isolation");
  const std::string isolated = written();
  EXPECT_GT(isolated.size(), 10'000U);
  for (const auto& entry : fs::directory_iterator(out_.path())) fs::remove(entry.path());
  run_pattern("isolation", {"--set", "isolation=none"});
  EXPECT_TRUE(written() == isolated);
}

}  // namespace
}  // namespace penstock
