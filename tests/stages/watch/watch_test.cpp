// Which files `watch` emits, and when. The watch begins when the stage opens; the kernel keeps what happens from then
// on. SPDX-License-Identifier: Apache-2.0
#include "stages/watch/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "penstock/pipeline_builder.h"
#include "penstock/testing/stage_runner.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::StageRunner;
using penstock::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Watch : public ::testing::Test {
 protected:
  StageRunner open(const std::string& options) {
    StageRunner runner(watch_spec(), options, {.base = folder_.path()});
    runner.open();
    return runner;
  }
  static std::vector<std::string> keys(const std::vector<SourceItem>& items) {
    std::vector<std::string> keys;
    for (const SourceItem& item : items) keys.push_back(item.key);
    return keys;
  }

  const TempDir folder_;
};

TEST_F(Watch, EmitsFilesInTheOrderInWhichTheyAreFinished) {
  StageRunner watch = open(R"({"root": "."})");
  std::ofstream slow(folder_.path("slow"));
  slow << "half" << std::flush;
  folder_.write("quick", "whole");
  slow << " and half" << std::flush;
  slow.close();
  const std::vector<SourceItem> items = watch.collect(2);
  EXPECT_THAT(keys(items), ElementsAre("quick", "slow"));
  EXPECT_EQ(std::get<std::int64_t>(*items[1].attributes.find("file.bytes")), 13);
}

TEST_F(Watch, EmitsFilesThatAreRenamedIntoTheFolder) {
  const TempDir elsewhere;
  StageRunner watch = open(R"({"root": "."})");
  std::filesystem::rename(elsewhere.write("part", "x"), folder_.path("moved"));
  EXPECT_THAT(keys(watch.collect(1)), ElementsAre("moved"));
}

TEST_F(Watch, SkipsWhatIsThereAlready) {
  folder_.write("old", "x");
  StageRunner watch = open(R"({"root": "."})");
  folder_.write("new", "x");
  EXPECT_THAT(keys(watch.collect(1)), ElementsAre("new"));
}

TEST_F(Watch, EmitsWhatIsThereAlreadyWhenAsked) {
  folder_.write("b", "x");
  folder_.write("a", "x");
  StageRunner watch = open(R"({"root": ".", "existing": "emit"})");
  folder_.write("0", "x");  // In the list and among the events: one item.
  folder_.write("c", "x");
  EXPECT_THAT(keys(watch.collect(4)), ElementsAre("0", "a", "b", "c"));
}

TEST_F(Watch, DoesNotEmitAFileTwiceThatWasListedWhole) {
  StageRunner watch = open(R"({"root": ".", "existing": "emit", "max_items": 2})");
  folder_.write("first", "x");
  folder_.write("second", "x");
  // Both are listed, and their events still wait.
  EXPECT_THAT(keys(watch.collect()), ElementsAre("first", "second"));
}

TEST_F(Watch, EmitsAFileAgainThatIsWrittenAgain) {
  folder_.write("page", "1");
  StageRunner watch = open(R"({"root": ".", "max_items": 1})");
  folder_.write("page", "22");
  const std::vector<SourceItem> items = watch.collect();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(std::get<std::int64_t>(*items[0].attributes.find("file.bytes")), 2);
}

TEST_F(Watch, TakesOnlyNamesThatMatchAndRegularFiles) {
  StageRunner watch = open(R"({"root": ".", "glob": "*.jpg"})");
  folder_.write("a.txt", "x");
  std::filesystem::create_directory(folder_.path("folder.jpg"));
  std::filesystem::create_symlink("a.txt", folder_.path("link.jpg"));
  folder_.write("gone.jpg", "x");
  std::filesystem::remove(folder_.path("gone.jpg"));
  folder_.write("a.jpg", "x");
  EXPECT_THAT(keys(watch.collect(1)), ElementsAre("a.jpg"));
}

TEST_F(Watch, EndsAfterMaxItems) {
  StageRunner watch = open(R"({"root": ".", "max_items": 2})");
  for (const char* name : {"a", "b", "c"}) folder_.write(name, "x");
  EXPECT_THAT(keys(watch.collect()), ElementsAre("a", "b"));
}

TEST_F(Watch, FolderThatIsNotThereCannotBeWatched) {
  try {
    open(R"({"root": "none"})");
    FAIL() << "expected an ItemError";
  } catch (const ItemError& error) {
    EXPECT_EQ(error.code(), "watch.cannot_watch");
    EXPECT_THAT(error.message(), HasSubstr("none: No such file or directory"));
  }
}

TEST_F(Watch, FolderThatGoesAwayEndsTheRun) {
  std::filesystem::create_directory(folder_.path("camera"));
  StageRunner watch = open(R"({"root": "camera"})");
  std::filesystem::remove(folder_.path("camera"));
  try {
    watch.collect();
    FAIL() << "expected an ItemError";
  } catch (const ItemError& error) {
    EXPECT_EQ(error.code(), "watch.folder_gone");
  }
}

TEST_F(Watch, IdleRunCanBeDrained) {
  Registry registry;
  registry.add(watch_spec());
  PipelineBuilder builder(registry);
  builder.stage("watch", "", {{"root", folder_.path()}}).transform("end", [](const Payload&) {});
  penstock::Run run = builder.build().start();
  run.drain();
  EXPECT_EQ(run.wait().outcome, RunOutcome::drained);
}

}  // namespace
}  // namespace penstock::stages
