// What the program leaves of the processes that a run has started, however the run ends: nothing.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/temp_dir.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

/// Processes whose command line names this test's own folder, zombies not among them: they have no command line.
std::size_t count_processes(const std::string& mark) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(::getpid())) continue;
    std::ifstream file(entry.path() / "cmdline");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    if (line.find(mark) != std::string::npos) ++count;
  }
  return count;
}

class ChildrenTest : public ::testing::Test {
 protected:
  /// A pipeline that runs `script` for each of `count` items; its processes carry this folder's name as an argument.
  std::vector<std::string> run(const std::string& script, int count) {
    const std::string pipeline = R"({"limits": {"items": 256}, "stages": [
      {"type": "command_lines", "command": ["seq", ")" +
                                 std::to_string(count) + R"("]},
      {"type": "subprocess", "concurrency": 200, "kill_after": "100 ms", "stdout": "discard",
       "command": ["sh", "-c", ")" +
                                 script + R"(", ")" + mark() + R"("]}]})";
    return {"run", folder_.write("p.json", pipeline), "--progress", "never", "--report", folder_.path("report.json")};
  }
  const std::string& mark() const { return folder_.path(); }
  /// Children say that they are there by a byte each.
  void wait_until_started(std::size_t count) const {
    std::error_code none;
    while (fs::file_size(folder_.path("started"), none) < count || none) std::this_thread::yield();
  }
  std::string waits_script(const std::string& before = "") const {
    return before + "printf x >> $0/started; while :; do sleep 1000; done";
  }

  testing::TempDir folder_;
};

TEST_F(ChildrenTest, AnInterruptedRunWithTwoHundredOfThemLeavesNone) {
  testing::ChildProcess child(program(run(waits_script(), 200)));
  wait_until_started(200);
  EXPECT_GE(count_processes(mark()), 200U);
  child.send_signal(SIGINT);
  ASSERT_TRUE(child.wait_for_error_text("SIGINT: finishing"));
  child.send_signal(SIGINT);
  EXPECT_EQ(child.wait(), 130) << child.error_output();
  EXPECT_EQ(count_processes(mark()), 0U);
}

TEST_F(ChildrenTest, AnInterruptedRunLeavesNoneThatIgnoresSignals) {
  testing::ChildProcess child(program(run(waits_script("trap '' TERM INT; "), 20)));
  wait_until_started(20);
  child.send_signal(SIGINT);
  ASSERT_TRUE(child.wait_for_error_text("SIGINT: finishing"));
  child.send_signal(SIGINT);
  EXPECT_EQ(child.wait(), 130) << child.error_output();
  EXPECT_EQ(count_processes(mark()), 0U);
}

TEST_F(ChildrenTest, AKilledProgramTakesThemWithIt) {
  testing::ChildProcess child(program(run("printf x >> $0/started; exec tail -f /dev/null $0/started", 50)));
  wait_until_started(50);
  child.send_signal(SIGKILL);
  EXPECT_EQ(child.wait(), 1000 + SIGKILL);
  while (count_processes(mark()) > 0) std::this_thread::yield();  // The kernel sends their signals after our end.
}

TEST_F(ChildrenTest, DescendantsThatHaveLeftTheirGroupEndWithTheRun) {
  const Result result = run_program(run("setsid sh -c 'while :; do sleep 1000; done' $0 & sleep 0.05", 3));
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  EXPECT_EQ(count_processes(mark()), 0U);
}

}  // namespace
}  // namespace penstock::cli
