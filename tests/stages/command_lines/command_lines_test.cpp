// SPDX-License-Identifier: Apache-2.0
#include "stages/command_lines/command_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <string>
#include <vector>

#include "framework/testing/conformance/open_resources.h"
#include "penstock/pipeline.h"
#include "penstock/testing/stage_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_stages.h"

namespace penstock::stages {
namespace {

using ::testing::ElementsAre;
using testing::OpenResources;
using testing::StageRunner;

std::vector<std::string> lines_of(const char* options, std::size_t limit = SIZE_MAX) {
  StageRunner stage(command_lines_spec(), options);
  std::vector<std::string> keys;
  for (const SourceItem& item : stage.collect(limit)) keys.push_back(item.key);
  return keys;
}

/// `CODE: MESSAGE` of what the source throws.
std::string error_of(const char* options) {
  try {
    lines_of(options);
  } catch (const ItemError& error) {
    return error.code() + ": " + error.message();
  }
  return "none";
}

bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG | __WALL) < 0 && errno == ECHILD; }

TEST(CommandLines, EachLineIsAnItem) {
  EXPECT_THAT(lines_of(R"({"command": ["printf", "one\n\ntwo\r\nthree"]})"), ElementsAre("one", "two", "three"));
}

TEST(CommandLines, ManyLinesArriveInOrder) {
  const std::vector<std::string> lines = lines_of(R"({"command": ["seq", "1", "100000"]})");
  ASSERT_EQ(lines.size(), 100'000U);
  for (std::size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(lines[i], std::to_string(i + 1));
}

TEST(CommandLines, AFailedProgramFailsTheRunWithWhatItSaid) {
  EXPECT_EQ(error_of(R"({"command": ["sh", "-c", "echo one; echo no more >&2; exit 3"]})"),
            "command_lines.exit_3: `sh` ended with exit code 3, expected 0: no more");
  EXPECT_EQ(error_of(R"({"command": ["sh", "-c", "kill -9 $$"]})"),
            "command_lines.signal_9: `sh` was ended by signal 9 (Killed); it wrote nothing to standard error");
  EXPECT_EQ(error_of(R"({"command": ["sh", "-c", "exit 3"], "success_codes": [3]})"), "none");
}

TEST(CommandLines, AProgramThatIsNotThereFailsTheRun) {
  EXPECT_EQ(error_of(R"({"command": ["penstock-no-such-program"]})"),
            "command_lines.cannot_start: cannot start `penstock-no-such-program`: No such file or directory");
}

TEST(CommandLines, LinesMustBeText) {
  EXPECT_EQ(error_of(R"({"command": ["printf", "a\nb\\377\n"]})"),
            "input.not_text: the output of `printf`:2: expected UTF-8, got the byte 0xFF at byte 2; convert the file, "
            "e.g. with iconv");
}

TEST(CommandLines, ALineThatIsTooLongEndsTheProgram) {
  EXPECT_EQ(error_of(R"({"command": ["cat", "/dev/zero"], "max_line_bytes": "1 KiB"})").substr(0, 15),
            "input.too_long:");
  EXPECT_TRUE(has_no_children());
}

TEST(CommandLines, VariablesAndTheFolderReachTheProgram) {
  const testing::TempDir folder;
  StageRunner stage(command_lines_spec(),
                    R"({"command": ["sh", "-c", "echo $ADDED; pwd -P"], "environment": {"ADDED": "a"},
                        "working_folder": "."})",
                    {.base = folder.path()});
  const std::vector<SourceItem> items = stage.collect();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].key, "a");
  EXPECT_EQ(items[1].key, std::filesystem::canonical(folder.path()));
}

TEST(CommandLines, AnIdleProgramIsEndedByADrain) {
  lines_of(R"({"command": ["true"]})");
  const OpenResources before = OpenResources::count();
  // The second item stops the source, as a drain does, while the program says nothing.
  EXPECT_THAT(lines_of(R"({"command": ["sh", "-c", "echo one; sleep 1000"]})", 1), ElementsAre("one"));
  EXPECT_EQ(OpenResources::count(), before);
  EXPECT_TRUE(has_no_children());
}

TEST(CommandLines, ADrainEndsARunWhoseProgramIsSilent) {
  Registry registry = test::test_registry();
  registry.add(command_lines_spec());
  const Pipeline pipeline = Pipeline::from_string(
      R"({"stages": [{"type": "command_lines", "command": ["sleep", "1000"]}, {"type": "discard"}]})", registry);
  penstock::Run run = pipeline.start({.workers = 1});
  run.drain();
  EXPECT_EQ(run.wait().outcome, RunOutcome::drained);
  EXPECT_TRUE(has_no_children());
}

}  // namespace
}  // namespace penstock::stages
