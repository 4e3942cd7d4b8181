// The stage `files`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/files/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/testing/stage_runner.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

namespace fs = std::filesystem;
using penstock::testing::error_of;
using penstock::testing::StageRunner;
using penstock::testing::TempDir;
using Names = std::vector<std::string>;

std::vector<SourceItem> items_in(const TempDir& folder, std::string_view options) {
  StageRunner runner(files_spec(), options, {.base = folder.path()});
  return runner.collect();
}

Names keys_in(const TempDir& folder, std::string_view options = R"({"root": "root"})") {
  Names keys;
  for (const SourceItem& item : items_in(folder, options)) keys.push_back(item.key);
  return keys;
}

TEST(Files, EmitsPathsBelowTheRootWithTheirSize) {
  const TempDir folder;
  folder.write("root/a.jpg", "12345");
  folder.write("root/b/c.jpg", "");
  folder.write("elsewhere/x", "");
  const std::vector<SourceItem> items = items_in(folder, R"({"root": "root"})");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].key, "a.jpg");
  EXPECT_EQ(*items[0].attributes.find("file.bytes"), AttributeValue(std::int64_t{5}));
  EXPECT_TRUE(items[0].payload.holds<None>());
  EXPECT_EQ(items[1].key, "b/c.jpg");
  EXPECT_EQ(*items[1].attributes.find("file.bytes"), AttributeValue(std::int64_t{0}));
}

TEST(Files, SortsByTheBytesOfTheWholePath) {
  const TempDir folder;
  for (const char* name : {"a/b", "a.txt", "a-b", "a0", "B", "b", "a/a/z", "a/a.z", "\xC3\xA4", "~", ".x/y", ".x0"}) {
    folder.write(std::string("root/") + name, "");
  }
  const Names keys = keys_in(folder);
  Names sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(keys, sorted);
  EXPECT_EQ(keys.size(), 12U);
}

TEST(Files, SelectsByPattern) {
  const TempDir folder;
  for (const char* name : {"a.jpg", "a.png", "x/b.jpg", "x/y/c.jpg", "x/y/d.txt"})
    folder.write(std::string("root/") + name, "");
  EXPECT_EQ(keys_in(folder, R"({"root": "root", "glob": "*.jpg"})"), (Names{"a.jpg"}));
  EXPECT_EQ(keys_in(folder, R"({"root": "root", "glob": "**/*.jpg"})"), (Names{"a.jpg", "x/b.jpg", "x/y/c.jpg"}));
  EXPECT_EQ(keys_in(folder, R"({"root": "root", "glob": "x/**"})"), (Names{"x/b.jpg", "x/y/c.jpg", "x/y/d.txt"}));
  EXPECT_EQ(keys_in(folder, R"({"root": "root", "glob": "x"})"), (Names{}));
}

TEST(Files, TakesOddNamesAsTheyAre) {
  const TempDir folder;
  const Names names = {"\n", " ", "%41", "*", "-rf", "\\", "a\nb", "\xFF\xFE.jpg", std::string(255, 'x')};
  for (const std::string& name : names) folder.write("root/" + name, "");
  EXPECT_EQ(keys_in(folder),
            (Names{"\n", " ", "%41", "*", "-rf", "\\", "a\nb", std::string(255, 'x'), "\xFF\xFE.jpg"}));
}

TEST(Files, FollowsLinksToFilesInsideTheRootOnly) {
  const TempDir folder;
  folder.write("root/dir/file", "123");
  folder.write("secret", "outside");
  folder.write("root-2/file", "outside with the same prefix");
  fs::create_symlink("dir/file", folder.path("root/inside"));
  fs::create_symlink(folder.path("root/dir/file"), folder.path("root/inside-absolute"));
  fs::create_symlink("../secret", folder.path("root/outside"));
  fs::create_symlink("/etc/passwd", folder.path("root/outside-absolute"));
  fs::create_symlink("../root-2/file", folder.path("root/outside-prefix"));
  fs::create_symlink("outside", folder.path("root/outside-twice"));
  fs::create_symlink("gone", folder.path("root/dangling"));
  const std::vector<SourceItem> items = items_in(folder, R"({"root": "root"})");
  Names keys;
  for (const SourceItem& item : items) {
    keys.push_back(item.key);
    EXPECT_EQ(*item.attributes.find("file.bytes"), AttributeValue(std::int64_t{3}));
  }
  EXPECT_EQ(keys, (Names{"dir/file", "inside", "inside-absolute"}));
}

TEST(Files, EndsInTreesWithLoops) {
  const TempDir folder;
  folder.write("root/a/file", "");
  folder.write("root/b/file", "");
  fs::create_symlink(".", folder.path("root/a/self"));
  fs::create_symlink("..", folder.path("root/a/up"));
  fs::create_symlink("../b", folder.path("root/a/other"));
  fs::create_symlink("../a", folder.path("root/b/other"));
  fs::create_symlink("circle-2", folder.path("root/circle-1"));
  fs::create_symlink("circle-1", folder.path("root/circle-2"));
  fs::create_symlink("../..", folder.path("root/b/out"));
  EXPECT_EQ(keys_in(folder), (Names{"a/file", "b/file"}));
}

TEST(Files, AcceptsALinkAsRoot) {
  const TempDir folder;
  folder.write("real/a", "");
  fs::create_symlink("a", folder.path("real/link"));
  fs::create_directory_symlink("real", folder.path("root"));
  EXPECT_EQ(keys_in(folder), (Names{"a", "link"}));
}

TEST(Files, SkipsWhatIsNoFile) {
  const TempDir folder;
  folder.write("root/a", "");
  fs::create_directories(folder.path("root/empty/empty"));
  ASSERT_EQ(::mkfifo(folder.path("root/pipe").c_str(), 0600), 0);
  fs::create_symlink("/dev/null", folder.path("root/device"));
  fs::create_symlink("pipe", folder.path("root/link-to-pipe"));
  EXPECT_EQ(keys_in(folder), (Names{"a"}));
}

TEST(Files, SkipsWhatVanishesMeanwhile) {
  const TempDir folder;
  for (const char* name : {"a", "b", "c/d", "e"}) folder.write(std::string("root/") + name, "");
  StageRunner runner(files_spec(), R"({"root": "root"})", {.base = folder.path()});
  ASSERT_EQ(runner.collect(1).size(), 1U);
  fs::remove(folder.path("root/b"));
  fs::remove_all(folder.path("root/c"));
  const std::vector<SourceItem> rest = runner.collect();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].key, "e");
}

TEST(Files, DoesNotFollowALinkThatTakesAFoldersPlace) {
  const TempDir folder;
  folder.write("root/a", "");
  folder.write("root/dir/file", "");
  folder.write("outside/file", "");
  StageRunner runner(files_spec(), R"({"root": "root"})", {.base = folder.path()});
  ASSERT_EQ(runner.collect(1).size(), 1U);
  fs::remove_all(folder.path("root/dir"));
  fs::create_directory_symlink("../outside", folder.path("root/dir"));
  EXPECT_TRUE(runner.collect().empty());
}

TEST(Files, SaysWhyItCannotOpenItsRoot) {
  const TempDir folder;
  folder.write("file", "");
  EXPECT_EQ(error_of([&] { keys_in(folder); }),
            "files.cannot_open: cannot open the folder " + folder.path("root") + ": No such file or directory");
  EXPECT_EQ(error_of([&] { keys_in(folder, R"({"root": "file"})"); }),
            "files.cannot_open: cannot open the folder " + folder.path("file") + ": Not a directory");
}

/// Makes folders one in the other until no path reaches the last one.
void make_bottomless(const std::string& root) {
  int folder = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::string name(250, 'd');
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(::mkdirat(folder, name.c_str(), 0700), 0);
    const int next = ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_GE(next, 0);
    ::close(folder);
    folder = next;
  }
  ::close(folder);
}

TEST(Files, SaysWhyItCannotReadAFolder) {
  const TempDir folder;
  folder.write("root/a", "");
  make_bottomless(folder.path("root"));
  const std::string error = error_of([&] { keys_in(folder); });
  EXPECT_TRUE(error.starts_with("files.cannot_read: cannot read the folder " + folder.path("root/ddd"))) << error;
  EXPECT_TRUE(error.ends_with(": File name too long")) << error;
}

TEST(Files, ChecksItsOptions) {
  const TempDir folder;
  EXPECT_EQ(error_of([&] { keys_in(folder, "{}"); }), "option.missing at /root");
  EXPECT_EQ(error_of([&] { keys_in(folder, R"({"root": ""})"); }), "option.range at /root");
  EXPECT_EQ(error_of([&] { keys_in(folder, R"({"root": "root", "glob": ""})"); }), "option.range at /glob");
  EXPECT_EQ(error_of([&] { keys_in(folder, R"({"root": "root", "glob": "/x"})"); }), "option.glob at /glob");
}

TEST(Files, StopsWhenTheRunIsCancelled) {
  const TempDir folder;
  folder.write("root/a", "");
  StageRunner runner(files_spec(), R"({"root": "root"})", {.base = folder.path()});
  runner.open();
  runner.cancel();
  EXPECT_TRUE(runner.collect().empty());
}

}  // namespace
}  // namespace penstock::stages
