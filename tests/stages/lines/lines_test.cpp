// The stage `lines`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/lines/lines.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "penstock/testing/stage_runner.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using penstock::testing::error_of;
using penstock::testing::StageRunner;
using penstock::testing::TempDir;

std::vector<std::string> keys(StageRunner& runner, std::size_t limit = SIZE_MAX) {
  std::vector<std::string> result;
  for (const SourceItem& item : runner.collect(limit)) result.push_back(item.key);
  return result;
}

std::vector<std::string> keys_of(std::string_view text, std::string_view options = R"({"path": "in.txt"})") {
  const TempDir folder;
  folder.write("in.txt", text);
  StageRunner runner(lines_spec(), options, {.base = folder.path()});
  return keys(runner);
}

/// Puts standard input back when it dies.
class StandardInput {
 public:
  explicit StandardInput(int descriptor) : saved_(::dup(STDIN_FILENO)) { ::dup2(descriptor, STDIN_FILENO); }
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

void wait_until_drained(int pipe) {
  int bytes = 1;
  while (bytes > 0 && ::ioctl(pipe, FIONREAD, &bytes) == 0) std::this_thread::yield();
}

TEST(Lines, EmitsEachLineAsKeyAndSkipsBlankOnes) {
  EXPECT_EQ(keys_of("https://a/1\n\n  \t \r\n two words \n# kept\nlast"),
            (std::vector<std::string>{"https://a/1", " two words ", "# kept", "last"}));
}

TEST(Lines, SkipsCommentsOnRequest) {
  EXPECT_EQ(keys_of("# one\na#b\n  # two\n//x\nc\n", R"({"path": "in.txt", "comments": "#"})"),
            (std::vector<std::string>{"a#b", "//x", "c"}));
  EXPECT_EQ(keys_of("# one\n//x\nc\n", R"({"path": "in.txt", "comments": "//"})"),
            (std::vector<std::string>{"# one", "c"}));
}

TEST(Lines, EmitsNeitherPayloadNorAttributes) {
  const TempDir folder;
  folder.write("in.txt", "a\n");
  StageRunner runner(lines_spec(), R"({"path": "in.txt"})", {.base = folder.path()});
  const std::vector<SourceItem> items = runner.collect();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_TRUE(items[0].payload.holds<None>());
  EXPECT_TRUE(items[0].attributes.empty());
}

TEST(Lines, RefusesLinesBeyondTheirLimit) {
  EXPECT_EQ(keys_of("12345\n", R"({"path": "in.txt", "max_line_bytes": "5 B"})"), std::vector<std::string>{"12345"});
  EXPECT_EQ(error_of([] { keys_of("12345\n123456\n", R"({"path": "in.txt", "max_line_bytes": "5 B"})"); }),
            "input.too_long: in.txt:2: the line is longer than 5 B");
  EXPECT_EQ(error_of([] { keys_of(std::string(1024 * 1024 + 1, 'x')); }),
            "input.too_long: in.txt:1: the line is longer than 1 MiB");
  EXPECT_EQ(keys_of(std::string(1024 * 1024, 'x')).size(), 1U);
}

TEST(Lines, ChecksItsOptions) {
  EXPECT_EQ(error_of([] { keys_of("", R"({"path": "in.txt", "max_line_bytes": "0 B"})"); }),
            "option.range at /max_line_bytes");
  EXPECT_EQ(error_of([] { keys_of("", R"({"path": "in.txt", "max_line_bytes": "2 GiB"})"); }),
            "option.range at /max_line_bytes");
  EXPECT_EQ(error_of([] { keys_of("", R"({"path": ""})"); }), "option.range at /path");
  EXPECT_EQ(error_of([] { keys_of("", "{}"); }), "option.missing at /path");
}

TEST(Lines, SaysWhyItCannotOpenItsFile) {
  EXPECT_EQ(error_of([] { keys_of("", R"({"path": "none.txt"})"); }),
            "input.cannot_open: cannot open none.txt: No such file or directory");
  EXPECT_EQ(error_of([] { keys_of("", R"({"path": "."})"); }),
            "input.cannot_open: cannot open .: it is a folder; expected a file");
}

TEST(Lines, SaysWhyItCannotRead) {
  EXPECT_EQ(error_of([] { keys_of("", R"({"path": "/proc/self/mem"})"); }),
            "input.cannot_read: cannot read /proc/self/mem: Input/output error");
}

TEST(Lines, RefusesBinaryFiles) {
  EXPECT_TRUE(error_of([] {
                keys_of(
                    "\x7F"
                    "ELF\x02\x01\x01\xFE\xFF");
              }).starts_with("input.not_text: in.txt:1: "));
}

TEST(Lines, ReadsDevicesThatCannotBeWatched) { EXPECT_TRUE(keys_of("", R"({"path": "/dev/null"})").empty()); }

TEST(Lines, ReadsANamedPipeToItsEnd) {
  const TempDir folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  StageRunner runner(lines_spec(), R"({"path": "pipe"})", {.base = folder.path()});
  runner.open();  // Before there is a writer.
  std::thread writer([&] {
    const int pipe = ::open(folder.path("pipe").c_str(), O_WRONLY);
    for (const std::string_view part : {"one\ntw", "o\nthree"}) {
      EXPECT_EQ(::write(pipe, part.data(), part.size()), static_cast<ssize_t>(part.size()));
      wait_until_drained(pipe);
    }
    ::close(pipe);
  });
  EXPECT_EQ(keys(runner), (std::vector<std::string>{"one", "two", "three"}));
  writer.join();
}

TEST(Lines, EndsWhileAPipeStaysOpenAndSilent) {
  const TempDir folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  StageRunner runner(lines_spec(), R"({"path": "pipe"})", {.base = folder.path()});
  runner.open();
  const int pipe = ::open(folder.path("pipe").c_str(), O_WRONLY);
  ASSERT_GE(pipe, 0);
  ASSERT_EQ(::write(pipe, "a\nunfinished", 12), 12);
  std::thread stop([&] {
    wait_until_drained(pipe);
    runner.cancel();
  });
  EXPECT_EQ(keys(runner), std::vector<std::string>{"a"});
  stop.join();
  runner.close();
  ::close(pipe);
}

TEST(Lines, EndsWhileANamedPipeHasNoWriter) {
  const TempDir folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  StageRunner runner(lines_spec(), R"({"path": "pipe"})", {.base = folder.path()});
  runner.open();
  std::thread stop([&] { runner.cancel(); });
  EXPECT_TRUE(keys(runner).empty());
  stop.join();
}

TEST(Lines, ReadsStandardInputAndLeavesItsFlagsAlone) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const StandardInput replaced(ends[0]);
  const int flags = ::fcntl(STDIN_FILENO, F_GETFL);
  StageRunner runner(lines_spec(), R"({"path": "-"})");
  runner.open();
  ASSERT_EQ(::write(ends[1], "a\nb\n", 4), 4);
  std::thread stop([&] {
    wait_until_drained(ends[1]);
    runner.cancel();
  });
  EXPECT_EQ(keys(runner), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL), flags);
  stop.join();
  runner.close();
  EXPECT_EQ(::fcntl(STDIN_FILENO, F_GETFL), flags);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Lines, ReadsStandardInputFromAFile) {
  const TempDir folder;
  const int file = ::open(folder.write("in.txt", "a\nb").c_str(), O_RDONLY);
  const StandardInput replaced(file);
  StageRunner runner(lines_spec(), R"({"path": "-"})");
  EXPECT_EQ(keys(runner), (std::vector<std::string>{"a", "b"}));
  ::close(file);
}

TEST(Lines, NamesStandardInputInErrors) {
  const TempDir folder;
  const int file = ::open(folder.write("in.txt", "a\n\xFF").c_str(), O_RDONLY);
  const StandardInput replaced(file);
  StageRunner runner(lines_spec(), R"({"path": "-"})");
  EXPECT_TRUE(error_of([&] { keys(runner); }).starts_with("input.not_text: standard input:2: "));
  ::close(file);
}

TEST(Lines, StopsInTheMiddleOfAFile) {
  const TempDir folder;
  folder.write("in.txt", "a\nb\nc\nd\n");
  StageRunner runner(lines_spec(), R"({"path": "in.txt"})", {.base = folder.path()});
  EXPECT_EQ(keys(runner, 2), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace penstock::stages
