// The stage `write_lines`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/write_lines/write_lines.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/pipeline.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"
#include "stages/types/json.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using penstock::testing::TempDir;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

SourceItem with(Payload payload, std::string key = "k") { return {std::move(key), {}, std::move(payload)}; }

/// What the stage writes to a file for these items.
std::string written(const std::string& options, std::vector<SourceItem> items) {
  const TempDir folder;
  StageRunner runner(write_lines_spec(), options, {.base = folder.path()});
  for (SourceItem& item : items) EXPECT_EQ(runner.run(std::move(item)).verdict, Outcome::Verdict::emitted);
  runner.close();
  return read(folder.path("out"));
}

std::vector<std::string> names_in(const TempDir& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename());
  return names;
}

TEST(WriteLines, WritesPayloadsAsText) {
  EXPECT_EQ(written(R"({"path": "out"})", {with(Payload(Integer{1})), with(Payload(Bytes("two\n"))),
                                           with(Payload(Json(nlohmann::json({1, 2})))), with(Payload(), "key")}),
            "1\ntwo\n[1,2]\nkey\n");
}

TEST(WriteLines, WritesPayloadsAsJson) {
  EXPECT_EQ(written(R"({"path": "out", "format": "json"})",
                    {with(Payload(Integer{1})), with(Payload(Bytes("a \"b\"\n"))), with(Payload(), "key")}),
            "1\n\"a \\\"b\\\"\\n\"\n\"key\"\n");
}

TEST(WriteLines, WritesWholeItemsAsJson) {
  SourceItem item = with(Payload(Integer{7}));
  item.attributes.set("n", std::int64_t{3});
  EXPECT_EQ(written(R"({"path": "out", "format": "item"})", {std::move(item), with(Payload(), "key")}),
            "{\"attributes\":{\"n\":3},\"key\":\"k\",\"payload\":7}\n"
            "{\"attributes\":{},\"key\":\"key\",\"payload\":null}\n");
}

TEST(WriteLines, FailsItemsThatAreNoJson) {
  const TempDir folder;
  StageRunner runner(write_lines_spec(), R"({"path": "out", "format": "json"})", {.base = folder.path()});
  EXPECT_EQ(runner.run(with(Payload(Bytes("\xff")))).code, "json.not_utf8");
}

TEST(WriteLines, WritesMoreThanItKeepsInMemory) {
  std::vector<SourceItem> items;
  std::string expected;
  for (const std::size_t size : {std::size_t{10}, std::size_t{70'000}, std::size_t{40'000}, std::size_t{40'000}}) {
    const std::string line(size, 'x');
    expected += line + "\n";
    items.push_back(with(Payload(Bytes(line))));
  }
  EXPECT_EQ(written(R"({"path": "out"})", std::move(items)), expected);
}

TEST(WriteLines, TheFileAppearsWhenTheStageEnds) {
  const TempDir folder;
  folder.write("out", "before");
  StageRunner runner(write_lines_spec(), R"({"path": "out"})", {.base = folder.path()});
  runner.run(with(Payload(Integer{1})));
  EXPECT_EQ(read(folder.path("out")), "before");
  runner.close();
  EXPECT_EQ(read(folder.path("out")), "1\n");
  EXPECT_THAT(names_in(folder), ::testing::ElementsAre("out"));
}

TEST(WriteLines, ACancelledRunLeavesTheOldFile) {
  const TempDir folder;
  folder.write("out", "before");
  StageRunner runner(write_lines_spec(), R"({"path": "out"})", {.base = folder.path()});
  runner.run(with(Payload(Integer{1})));
  runner.cancel();
  runner.close();
  EXPECT_EQ(read(folder.path("out")), "before");
  EXPECT_THAT(names_in(folder), ::testing::ElementsAre("out"));
}

TEST(WriteLines, MakesTheFoldersOnTheWay) {
  const TempDir folder;
  StageRunner runner(write_lines_spec(), R"({"path": "a/b/out"})", {.base = folder.path()});
  runner.open();
  runner.close();
  EXPECT_EQ(read(folder.path("a/b/out")), "");
}

TEST(WriteLines, SaysThatAFileCannotBeMade) {
  const TempDir folder;
  folder.write("file", "");
  StageRunner runner(write_lines_spec(), R"({"path": "file/out"})", {.base = folder.path()});
  try {
    runner.open();
    FAIL() << "it opened";
  } catch (const ItemError& error) {
    EXPECT_EQ(error.code(), "write_lines.cannot_create");
    EXPECT_THAT(error.message(), HasSubstr("Not a directory"));
  }
}

TEST(WriteLines, SaysThatThereIsNoRoom) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  const int standard_output = ::dup(STDOUT_FILENO);
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  StageRunner runner(write_lines_spec());
  runner.open();
  std::fflush(stdout);
  ::dup2(full, STDOUT_FILENO);
  const Outcome outcome = runner.run(with(Payload(Integer{1})));
  ::dup2(standard_output, STDOUT_FILENO);
  ::close(full);
  ::close(standard_output);
  EXPECT_EQ(outcome.code, "write_lines.cannot_write");
  EXPECT_THAT(outcome.message, HasSubstr("No space left on device"));
}

TEST(WriteLines, KeepsTheOrderWhenAsked) {
  const TempDir folder;
  Registry registry;
  register_builtin_stages(registry);
  const Pipeline pipeline = Pipeline::from_string(
      R"({"stages": [{"type": "range", "to": 5000}, {"type": "sleep", "duration": "0 ms"}, {"type": "format"},
                     {"type": "write_lines", "path": "out", "ordered": true}]})",
      registry, {.parameters = {}, .base = folder.path()});
  std::string expected;
  for (int i = 0; i < 5000; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(pipeline.start({.workers = 4}).wait().items.done, 5000U);
  EXPECT_EQ(read(folder.path("out")), expected);
}

TEST(WriteLines, ARunThatDoesNotOpenLeavesTheOldFile) {
  const TempDir folder;
  folder.write("out", "before");
  Registry registry;
  register_builtin_stages(registry);
  const Pipeline pipeline = Pipeline::from_string(
      R"({"stages": [{"type": "range", "to": 5}, {"type": "write_lines", "path": "out"},
                     {"name": "other", "type": "write_lines", "from": "range", "path": "out/x"}]})",
      registry, {.parameters = {}, .base = folder.path()});
  EXPECT_EQ(pipeline.start().wait().outcome, RunOutcome::aborted);
  EXPECT_EQ(read(folder.path("out")), "before");
}

}  // namespace
}  // namespace penstock::stages
