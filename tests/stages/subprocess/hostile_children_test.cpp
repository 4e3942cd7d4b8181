// Children that do what they should not: nothing of them is left, and the next item is served.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "framework/testing/conformance/open_resources.h"
#include "tests/stages/subprocess/subprocess_test.h"

namespace penstock::stages {
namespace {

using namespace std::chrono_literals;
using testing::OpenResources;

/// Nothing is left of a stage: no child, no descriptor, no thread.
class HostileChildren : public ::testing::Test {
 protected:
  HostileChildren() { run_once(R"({"command": ["true"]})"); }
  ~HostileChildren() override {
    EXPECT_TRUE(has_no_children());
    EXPECT_EQ(OpenResources::count(), before_);
  }

 private:
  const OpenResources before_ = OpenResources::count();
};

TEST_F(HostileChildren, ThatIgnoreTheTerminationSignalAreKilled) {
  const Outcome outcome =
      run_once(R"({"command": ["sh", "-c", "trap '' TERM; while :; do sleep 1000; done"], "kill_after": "10 ms"})",
               item_with(""), {.timeout = 50ms});
  EXPECT_EQ(outcome.code, "subprocess.timeout");
  EXPECT_EQ(outcome.persistence, Persistence::transient);
}

TEST_F(HostileChildren, ThatRunForEverAreTerminatedAtTheTimeout) {
  EXPECT_EQ(run_once(R"({"command": ["sleep", "1000"], "kill_after": "1 h"})", item_with(""), {.timeout = 20ms}).code,
            "subprocess.timeout");
}

TEST_F(HostileChildren, ThatCloseTheirInputEarlyAreNoFailure) {
  EXPECT_EQ(output_of(R"({"command": ["sh", "-c", "exec 0<&-; echo done"], "stdin": "payload"})",
                      item_with(std::string(5'000'000, 'x'))),
            "done\n");
}

TEST_F(HostileChildren, ThatCloseAllTheirPipesEarlyAreWaitedFor) {
  const Outcome outcome =
      run_once(R"({"command": ["sh", "-c", "exec 0<&- 1>&- 2>&-; sleep 0.05; exit 6"], "stdin": "payload"})",
               item_with(std::string(5'000'000, 'x')));
  EXPECT_EQ(outcome.code, "subprocess.exit_6");
}

TEST_F(HostileChildren, ThatWriteWithoutEndAreStopped) {
  const Outcome outcome = run_once(R"({"command": ["head", "-c", "10G", "/dev/zero"], "max_bytes": "1 MiB"})");
  EXPECT_EQ(outcome.code, "subprocess.too_large");
}

TEST_F(HostileChildren, ThatWriteWithoutEndToStandardErrorTakeNoMemory) {
  StageRunner stage(subprocess_spec(), R"({"command": ["sh", "-c", "head -c 200M /dev/zero >&2; exit 1"]})");
  const Outcome outcome = stage.run("k");
  EXPECT_EQ(outcome.code, "subprocess.exit_1");
  EXPECT_LT(outcome.message.size(), 4'200U);
}

TEST_F(HostileChildren, ThatLeaveGrandchildrenHaveThemKilled) {
  // The grandchild holds the pipe open: the item would wait for it otherwise.
  EXPECT_EQ(output_of(R"({"command": ["sh", "-c", "sleep 1000 & echo started"]})"), "started\n");
}

TEST_F(HostileChildren, WhoseGrandchildrenIgnoreTheTerminationSignalAreKilledWithThem) {
  const Outcome outcome = run_once(
      R"({"command": ["sh", "-c", "(trap '' TERM; while :; do sleep 1000; done) & wait"], "kill_after": "10 ms"})",
      item_with(""), {.timeout = 50ms});
  EXPECT_EQ(outcome.code, "subprocess.timeout");
}

TEST_F(HostileChildren, WhoseGrandchildrenLeaveTheGroupDoNotHoldUpTheItem) {
  const std::string output =
      output_of(R"({"command": ["sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.05; echo started"]})");
  EXPECT_TRUE(output.ends_with("started\n")) << output;
  // It has left the group on purpose; only a subreaper would get at it.
  ::kill(static_cast<pid_t>(std::stol(output)), SIGKILL);
}

TEST_F(HostileChildren, AreAllEndedByACancel) {
  StageRunner stage(subprocess_spec(), R"({"command": ["sleep", "1000"]})");
  stage.open();
  std::vector<Outcome> outcomes;
  std::thread running([&] { outcomes = stage.run_all(std::vector<SourceItem>(50, item_with("")), 50); });
  // The cancel meets some that are being started and some that run.
  std::this_thread::yield();
  stage.cancel();
  running.join();
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.verdict, Outcome::Verdict::cancelled);
  stage.close();
}

}  // namespace
}  // namespace penstock::stages
