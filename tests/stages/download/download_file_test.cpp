// `download` from files below a folder.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/stages/download/download_test.h"
#include "tests/support/temp_dir.h"

namespace penstock::testing {
namespace {

namespace fs = std::filesystem;

class DownloadFile : public ::testing::Test {
 protected:
  DownloadFile() {
    folder_.write("root/a.txt", "hello");
    folder_.write("root/sub/b c%.txt", "nested");
    folder_.write("secret.txt", "secret");
  }
  StageRunner runner(const std::string& more = "") {
    return StageRunner(stages::download_spec(), R"({"network": "any", "file_root": "root")" + more + "}",
                       {.base = folder_.path()});
  }

  TempDir folder_;
};

TEST_F(DownloadFile, ReadsBelowTheRootInEachSpelling) {
  StageRunner download = runner();
  const Outcome outcome = download.run("file:" + folder_.path("root/a.txt"));
  EXPECT_EQ(body_of(outcome), "hello");
  EXPECT_EQ(text_attribute(outcome, "http.bytes"), "5");
  EXPECT_EQ(body_of(download.run("file://" + folder_.path("root/a.txt"))), "hello");
  EXPECT_EQ(body_of(download.run("FILE://localhost" + folder_.path("root/a.txt"))), "hello");
  EXPECT_EQ(body_of(download.run("file:root/sub/b%20c%25.txt")), "nested");
  EXPECT_EQ(body_of(download.run("file:root/sub/../a.txt")), "hello");
}

TEST_F(DownloadFile, ReadsThroughATemplate) {
  StageRunner download = runner(R"(, "url": "file:root/{key}")");
  EXPECT_EQ(body_of(download.run("sub/b c%.txt")), "nested");
}

TEST_F(DownloadFile, ChargesTheMemoryOfTheFile) {
  StageRunner download = runner();
  const Outcome outcome = download.run("file:root/a.txt");
  EXPECT_EQ(download.memory_bytes(), 5U);
}

TEST_F(DownloadFile, NeverReadsOutsideTheRoot) {
  fs::create_symlink(folder_.path("secret.txt"), folder_.path("root/absolute"));
  fs::create_symlink("../secret.txt", folder_.path("root/relative"));
  fs::create_directory_symlink("..", folder_.path("root/up"));
  fs::create_symlink("a.txt", folder_.path("root/inside"));
  folder_.write("root-of-another/x", "secret");
  StageRunner download = runner();
  for (const std::string& path :
       {std::string("secret.txt"), std::string("root/../secret.txt"), std::string("root/%2e%2e/secret.txt"),
        std::string("/etc/passwd"), std::string("root/absolute"), std::string("root/relative"),
        std::string("root/up/secret.txt"), std::string("root-of-another/x"), std::string("root"),
        std::string("root/")}) {
    const Outcome outcome = download.run("file:" + path);
    EXPECT_EQ(outcome.code, "download.forbidden_file") << path << ": " << body_of(outcome);
    EXPECT_EQ(outcome.persistence, Persistence::permanent);
  }
  EXPECT_EQ(body_of(download.run("file:root/inside")), "hello");
}

TEST_F(DownloadFile, ReadsRegularFilesOnly) {
  ASSERT_EQ(::mkfifo(folder_.path("root/pipe").c_str(), 0600), 0);
  StageRunner download = runner();
  EXPECT_EQ(download.run("file:root/pipe").code, "download.not_a_file");
  EXPECT_EQ(download.run("file:root/sub").code, "download.not_a_file");
  StageRunner devices(stages::download_spec(), R"({"network": "any", "file_root": "/dev"})");
  EXPECT_EQ(devices.run("file:/dev/zero").code, "download.not_a_file");
}

TEST_F(DownloadFile, SaysWhatIsWrong) {
  StageRunner download = runner(R"(, "max_bytes": "4 B")");
  EXPECT_EQ(download.run("file:root/none.txt").code, "download.file_not_found");
  EXPECT_EQ(download.run("file:root/a.txt/x").code, "download.file_not_found");
  EXPECT_EQ(download.run("file:root/a.txt").code, "download.too_large");
  EXPECT_EQ(download.run("file:").code, "download.bad_url");
  EXPECT_EQ(download.run("file://host/root/a.txt").code, "download.bad_url");
  EXPECT_EQ(download.run("file:root/a%00.txt").code, "download.bad_url");
  EXPECT_EQ(download.run("file:root%2fa.txt").code, "download.bad_url");
}

TEST_F(DownloadFile, ARootThatIsMissingEndsTheRunBeforeItStarts) {
  StageRunner download(stages::download_spec(), R"({"network": "any", "file_root": "nowhere"})",
                       {.base = folder_.path()});
  EXPECT_THROW(download.open(), ItemError);
}

}  // namespace
}  // namespace penstock::testing
