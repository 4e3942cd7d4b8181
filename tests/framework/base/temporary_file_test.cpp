// A file without a name: what is written is read, what is wrong is said.
// SPDX-License-Identifier: Apache-2.0
#include "framework/base/temporary_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>

#include "tests/support/environment_variable.h"
#include "tests/support/temp_dir.h"

namespace penstock {
namespace {

std::string read(const TemporaryFile& file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  file.read_at(offset, text);
  return text;
}

template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TemporaryFile, GivesBackWhatWasWritten) {
  TemporaryFile file;
  file.write_at(0, "gate");
  file.write_at(1'000'000, "turbine");
  EXPECT_EQ(read(file, 0, 4), "gate");
  EXPECT_EQ(read(file, 1'000'000, 7), "turbine");
}

TEST(TemporaryFile, LeavesNothingInItsFolder) {
  const testing::TempDir folder;
  const testing::EnvironmentVariable there("TMPDIR", folder.path());
  TemporaryFile file;
  file.write_at(0, "gate");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TemporaryFile, LosesOnlyWhatIsDiscarded) {
  TemporaryFile file;
  file.write_at(0, std::string(64 * 1024, 'a'));
  file.write_at(64 * 1024, "kept");
  file.discard(0, 64 * 1024);
  EXPECT_EQ(read(file, 64 * 1024, 4), "kept");
}

TEST(TemporaryFile, SaysWhereItCannotBeMade) {
  const testing::EnvironmentVariable nowhere("TMPDIR", "/nowhere/at/all");
  EXPECT_EQ(error_of([] { const TemporaryFile file; }),
            "cannot make a temporary file in /nowhere/at/all: No such file or directory");
}

TEST(TemporaryFile, SaysThatARangeWasNeverWritten) {
  TemporaryFile file;
  file.write_at(0, "gate");
  EXPECT_THAT(error_of([&] { read(file, 0, 5); }), ::testing::StartsWith("cannot read a temporary file in "));
}

TEST(TemporaryFile, SaysThatItMayNotGrow) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &small);
  TemporaryFile file;
  const std::string error = error_of([&] { file.write_at(0, std::string(8192, 'a')); });
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(error, ::testing::AllOf(::testing::StartsWith("cannot write a temporary file in "),
                                      ::testing::EndsWith("File too large")));
}

}  // namespace
}  // namespace penstock
