// SPDX-License-Identifier: Apache-2.0
#include "cli/output_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "tests/support/temp_dir.h"

namespace penstock::cli {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t files_in(const std::string& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

TEST(ReplacedFile, KeepsTheOldContentUntilTheNewOneIsWhole) {
  const testing::TempDir folder;
  const std::string path = folder.write("report.json", "old");
  ReplacedFile file(path);
  EXPECT_EQ(read(path), "old");
  file.commit("new");
  EXPECT_EQ(read(path), "new");
  EXPECT_EQ(files_in(folder.path()), 1);
}

TEST(ReplacedFile, LeavesNothingBehindWhenItIsNotCommitted) {
  const testing::TempDir folder;
  { const ReplacedFile file(folder.path("report.json")); }
  EXPECT_EQ(files_in(folder.path()), 0);
}

TEST(ReplacedFile, RefusesAFolderThatIsNotThereAtOnce) {
  const testing::TempDir folder;
  EXPECT_THROW(ReplacedFile(folder.path("no/report.json")), std::system_error);
  EXPECT_THROW(ReplacedFile(folder.path()), std::system_error);
}

TEST(ReplacedFile, IsReadableLikeAnyNewFile) {
  const testing::TempDir folder;
  ReplacedFile file(folder.path("report.json"));
  file.commit("{}");
  folder.write("other", "");
  EXPECT_EQ(std::filesystem::status(folder.path("report.json")).permissions(),
            std::filesystem::status(folder.path("other")).permissions());
}

TEST(ReplacedFile, WritesDevicesInPlace) {
  ReplacedFile file("/dev/null");
  file.commit("gone");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(ReplacedFile, FollowsASymbolicLink) {
  const testing::TempDir folder;
  const std::string target = folder.write("target", "old");
  std::filesystem::create_symlink(target, folder.path("link"));
  ReplacedFile(folder.path("link")).commit("new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link")));
  EXPECT_EQ(read(target), "new");
}

TEST(LineFile, ShowsEachLineAtOnce) {
  const testing::TempDir folder;
  LineFile file(folder.path("failures.jsonl"));
  file.write("one");
  EXPECT_EQ(read(folder.path("failures.jsonl")), "one\n");
  file.write("two");
  file.close();
  EXPECT_EQ(read(folder.path("failures.jsonl")), "one\ntwo\n");
}

TEST(LineFile, TellsAtTheEndThatTheDiskWasFull) {
  LineFile file("/dev/full");
  file.write("line");
  EXPECT_THROW(file.close(), std::system_error);
}

}  // namespace
}  // namespace penstock::cli
