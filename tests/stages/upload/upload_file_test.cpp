// `upload` to files.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"
#include "stages/upload/upload.h"
#include "tests/support/temp_dir.h"

namespace penstock::testing {
namespace {

namespace fs = std::filesystem;
using Verdict = Outcome::Verdict;

class UploadFile : public ::testing::Test {
 protected:
  StageRunner runner(const std::string& to, const std::string& more = "") {
    return StageRunner(stages::upload_spec(), R"({"to": ")" + to + "\"" + (more.empty() ? "" : ", " + more) + "}",
                       {.base = folder_.path()});
  }
  static SourceItem item(std::string key, std::string data = "data") {
    return {std::move(key), {}, Payload(Bytes(std::move(data)))};
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_.path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// Everything below the test's folder but folders, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_directory()) names.push_back(fs::relative(entry.path(), folder_.path()).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TempDir folder_;
};

TEST_F(UploadFile, WritesBesideTheConfigurationAndMakesFolders) {
  StageRunner upload = runner("file:out/{key}.txt");
  const Outcome outcome = upload.run(item("a/b/c", "hello"));
  EXPECT_EQ(outcome.verdict, Verdict::emitted) << outcome.message;
  EXPECT_EQ(read("out/a/b/c.txt"), "hello");
  EXPECT_EQ(files(), std::vector<std::string>{"out/a/b/c.txt"});
}

TEST_F(UploadFile, WritesToAbsolutePathsInEachSpelling) {
  EXPECT_EQ(runner("file:" + folder_.path("x/{key}")).run(item("1")).verdict, Verdict::emitted);
  EXPECT_EQ(runner("file://" + folder_.path("x/{key}")).run(item("2")).verdict, Verdict::emitted);
  EXPECT_EQ(runner("file://localhost" + folder_.path("x/{key}")).run(item("3")).verdict, Verdict::emitted);
  EXPECT_EQ(files(), (std::vector<std::string>{"x/1", "x/2", "x/3"}));
}

TEST_F(UploadFile, EmptyBytesMakeAnEmptyFile) {
  EXPECT_EQ(runner("file:{key}").run(item("empty", "")).verdict, Verdict::emitted);
  EXPECT_EQ(fs::file_size(folder_.path("empty")), 0U);
}

TEST_F(UploadFile, ReplacesWhatIsThere) {
  folder_.write("a", "old and longer");
  EXPECT_EQ(runner("file:{key}").run(item("a", "new")).verdict, Verdict::emitted);
  EXPECT_EQ(read("a"), "new");
}

TEST_F(UploadFile, DropsTheItemWhenItMayNotReplace) {
  folder_.write("a", "old");
  StageRunner upload = runner("file:{key}", R"("overwrite": "never")");
  const Outcome outcome = upload.run(item("a", "new"));
  EXPECT_EQ(outcome.verdict, Verdict::dropped);
  EXPECT_EQ(outcome.drop_reason, "upload.exists");
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(upload.run(item("b", "new")).verdict, Verdict::emitted);
  EXPECT_EQ(files(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(UploadFile, SyncsWhenAsked) {
  EXPECT_EQ(runner("file:x/y/{key}", R"("durable": true)").run(item("a")).verdict, Verdict::emitted);
  EXPECT_EQ(read("x/y/a"), "data");
}

TEST_F(UploadFile, AHostileKeyNeverLeavesTheRoot) {
  const std::string outside = folder_.path("outside");
  for (const std::string& key :
       {std::string("../outside"), std::string("a/../../outside"), std::string("/etc/outside"), outside,
        std::string(".."), std::string("."), std::string("a/.."), std::string("\0x", 2),
        std::string("a\0/../../outside", 16), std::string("%2e%2e/outside"), std::string("..%2foutside"),
        std::string("%00"), std::string("file:///etc/outside"), std::string("..\\outside"), std::string("")}) {
    StageRunner upload = runner("file:root/{key}");
    const Outcome outcome = upload.run(item(key));
    if (outcome.verdict == Verdict::failed) {
      EXPECT_EQ(outcome.persistence, Persistence::permanent) << key;
    }
    for (const std::string& file : files()) EXPECT_EQ(file.rfind("root/", 0), 0U) << key << " wrote " << file;
  }
  EXPECT_FALSE(fs::exists("/etc/outside"));
}

TEST_F(UploadFile, ASymbolicLinkNeverLeadsOutOfTheRoot) {
  fs::create_directories(folder_.path("root/inner"));
  fs::create_directories(folder_.path("elsewhere"));
  fs::create_directory_symlink(folder_.path("elsewhere"), folder_.path("root/out"));
  fs::create_directory_symlink("inner", folder_.path("root/in"));
  StageRunner upload = runner("file:root/{key}");
  EXPECT_EQ(upload.run(item("out/a")).code, "upload.forbidden_target");
  EXPECT_TRUE(fs::is_empty(folder_.path("elsewhere")));
  EXPECT_EQ(upload.run(item("in/a")).verdict, Verdict::emitted);
  EXPECT_EQ(read("root/inner/a"), "data");
}

TEST_F(UploadFile, ALinkAtTheTargetIsReplacedAndNotFollowed) {
  folder_.write("victim", "untouched");
  fs::create_directories(folder_.path("root"));
  fs::create_symlink("../victim", folder_.path("root/a"));
  EXPECT_EQ(runner("file:root/{key}").run(item("a")).verdict, Verdict::emitted);
  EXPECT_EQ(read("victim"), "untouched");
  EXPECT_FALSE(fs::is_symlink(folder_.path("root/a")));
}

TEST_F(UploadFile, RefusesNamesThatNoFileSystemTakes) {
  StageRunner upload = runner("file:root/{key}");
  EXPECT_EQ(upload.run(item(std::string(300, 'x'))).code, "upload.name_too_long");
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "a/";
  EXPECT_EQ(upload.run(item(deep + "b")).code, "upload.name_too_long");
  EXPECT_EQ(upload.run(item(std::string(255, 'x'))).verdict, Verdict::emitted);
}

TEST_F(UploadFile, DigestsAndNamesMakeSafeTargetsOfAnyKey) {
  StageRunner upload = runner("file:root/{key:digest}-{key:name}");
  EXPECT_EQ(upload.run(item("https://example.com/../../etc/passwd?x=/../y")).verdict, Verdict::emitted);
  EXPECT_EQ(upload.run(item(std::string(3000, 'k'))).verdict, Verdict::emitted);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(UploadFile, TheSecondItemForOneTargetFails) {
  StageRunner upload = runner("file:out/same.txt");
  EXPECT_EQ(upload.run(item("a", "first")).verdict, Verdict::emitted);
  const Outcome second = upload.run(item("b", "second"));
  EXPECT_EQ(second.code, "upload.duplicate_target");
  EXPECT_EQ(second.persistence, Persistence::permanent);
  EXPECT_EQ(read("out/same.txt"), "first");
}

TEST_F(UploadFile, ARetryDoesNotMeetItsOwnFirstAttempt) {
  StageRunner upload = runner("file:{key}");
  upload.run(item("a"), 1);
  EXPECT_EQ(upload.run(item("a"), 2).verdict, Verdict::emitted);
}

TEST_F(UploadFile, AReaderSeesTheOldFileOrTheWholeNewOne) {
  constexpr std::size_t kSize = 1 << 20;
  folder_.write("a", std::string(kSize, 'o'));
  std::atomic<bool> is_over = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    while (!is_over) {
      const std::string seen = read("a");
      torn += seen != std::string(kSize, 'o') && seen != std::string(kSize, 'n');
    }
  });
  for (int i = 0; i < 50; ++i) runner("file:{key}").run(item("a", std::string(kSize, i % 2 == 0 ? 'n' : 'o')));
  is_over = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

/// Lets this process write files of so many bytes at most, as a full disk would.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST_F(UploadFile, AFullDiskLeavesNoHalfFile) {
  folder_.write("a", "old");
  StageRunner upload = runner("file:{key}");
  Outcome outcome;
  {
    const FileSizeLimit limit(100'000);
    outcome = upload.run(item("a", std::string(1'000'000, 'x')));
  }
  EXPECT_EQ(outcome.code, "upload.disk_full") << outcome.message;
  EXPECT_EQ(outcome.persistence, Persistence::transient);
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(files(), std::vector<std::string>{"a"});
}

TEST_F(UploadFile, AFolderInTheWayFailsAndLeavesNoTemporaryFile) {
  fs::create_directories(folder_.path("a/b"));
  EXPECT_EQ(runner("file:{key}").run(item("a")).code, "upload.unwritable");
  folder_.write("file", "x");
  EXPECT_EQ(runner("file:{key}").run(item("file/below")).code, "upload.unwritable");
  EXPECT_EQ(files(), std::vector<std::string>{"file"});
}

TEST_F(UploadFile, CancelLeavesWholeFilesOnly) {
  StageRunner upload = runner("file:{key}");
  upload.open();
  const std::string data(8 << 20, 'x');
  std::vector<SourceItem> items;
  for (int i = 0; i < 16; ++i) items.push_back(item(std::to_string(i), data));
  std::thread canceller([&upload, this] {
    while (files().empty()) std::this_thread::yield();  // The first file, perhaps still a temporary one, is there.
    upload.cancel();
  });
  const std::vector<Outcome> outcomes = upload.run_all(std::move(items), 4);
  canceller.join();
  const auto done =
      std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.verdict == Verdict::emitted; });
  EXPECT_EQ(std::ssize(files()), done);
  for (const std::string& file : files()) EXPECT_EQ(fs::file_size(folder_.path(file)), data.size()) << file;
}

TEST_F(UploadFile, WritesManyAtOnce) {
  StageRunner upload = runner("file:{key:digest}/{key}");
  std::vector<SourceItem> items;
  for (int i = 0; i < 300; ++i) items.push_back(item(std::to_string(i)));
  for (const Outcome& outcome : upload.run_all(std::move(items), 32)) EXPECT_EQ(outcome.verdict, Verdict::emitted);
  EXPECT_EQ(files().size(), 300U);
}

TEST_F(UploadFile, AskForNoOtherScheme) {
  const auto refuses = [this](const std::string& to) { EXPECT_THROW(runner(to), ConfigError) << to; };
  refuses("out/{key}");
  refuses("/abs/{key}");
  refuses("ftp://host/{key}");
  refuses("file://other-host/x/{key}");
  refuses("");
  EXPECT_THROW(StageRunner(stages::upload_spec(), "{}"), ConfigError);
}

TEST_F(UploadFile, AFileTargetMustBeWrittenOut) {
  const Outcome outcome = runner("{key}").run(item("file:" + folder_.path("a")));
  EXPECT_EQ(outcome.code, "upload.forbidden_scheme");
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace penstock::testing
