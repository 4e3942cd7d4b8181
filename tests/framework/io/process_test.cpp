// SPDX-License-Identifier: Apache-2.0
#include "penstock/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "framework/io/spawn.h"
#include "framework/testing/conformance/open_resources.h"
#include "tests/support/loop_driver.h"
#include "tests/support/temp_dir.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::OpenResources;

using Statuses = std::vector<ProcessStatus>;

/// True when this process has no child, ended or not.
bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG | __WALL) < 0 && errno == ECHILD; }

class Processes : public ::testing::Test {
 protected:
  Processes() { make_launcher(); }
  ~Processes() override { end_launcher(); }

  void make_launcher() {
    driver_.on_loop([this] { launcher_.emplace(driver_.loop()); });
  }
  void end_launcher() {
    driver_.on_loop([this] { launcher_.reset(); });
  }

  /// Starts them and reads their output to its end.
  void run(ProcessOptions options) {
    driver_.run([this, options]() { return start_and_read(options); });
  }
  Task<void> start_and_read(ProcessOptions options) {
    ProcessGroup group = co_await launcher_->start(options);
    co_await read_to_end(group);
    statuses_ = co_await group.wait();
    errors_ = group.error_text();
  }
  Task<void> read_to_end(ProcessGroup& group) {
    for (bool has_more = true; has_more;) has_more = co_await read_some(group);
  }
  /// False at the end.
  Task<bool> read_some(ProcessGroup& group) {
    co_await driver_.loop().ready(group.output(), Readiness::readable);
    char block[4096];
    const ssize_t count = ::read(group.output(), block, sizeof block);
    if (count > 0) output_.append(block, static_cast<std::size_t>(count));
    co_return count != 0;
  }
  std::error_code start_error(const ProcessOptions& options) {
    try {
      run(options);
    } catch (const std::system_error& error) {
      message_ = error.what();
      return error.code();
    }
    return {};
  }

  testing::LoopDriver driver_;
  std::optional<ProcessLauncher> launcher_;
  std::string output_;
  std::string errors_;
  std::string message_;
  Statuses statuses_;
};

TEST_F(Processes, AreConnectedByPipes) {
  run({.commands = {{"printf", "b\\na\\nb\\n"}, {"sort"}, {"uniq", "-c"}}});
  EXPECT_THAT(output_, HasSubstr("1 a\n"));
  EXPECT_THAT(output_, HasSubstr("2 b\n"));
  EXPECT_THAT(statuses_, ElementsAre(ProcessStatus{}, ProcessStatus{}, ProcessStatus{}));
}

TEST_F(Processes, TellHowEachOfThemEnded) {
  run({.commands = {{"sh", "-c", "exit 3"}, {"sh", "-c", "kill -9 $$"}, {"true"}}});
  EXPECT_THAT(statuses_, ElementsAre(ProcessStatus{.code = 3}, ProcessStatus{.signal = SIGKILL}, ProcessStatus{}));
}

TEST_F(Processes, GetArgumentsAsTheyAre) {
  run({.commands = {{"printf", "%s|", "a b", "$HOME", "*", "", "\xff\n"}}});
  EXPECT_EQ(output_, "a b|$HOME|*||\xff\n|");
}

TEST_F(Processes, InheritTheEnvironmentAndWhatIsAdded) {
  ::setenv("PENSTOCK_TEST_KEPT", "kept", 1);
  ::setenv("PENSTOCK_TEST_REPLACED", "old", 1);
  run({.commands = {{"sh", "-c", "echo $PENSTOCK_TEST_KEPT $PENSTOCK_TEST_REPLACED"}},
       .environment = {{"PENSTOCK_TEST_REPLACED", "new"}}});
  EXPECT_EQ(output_, "kept new\n");
}

TEST_F(Processes, RunInTheirFolder) {
  const testing::TempDir folder;
  run({.commands = {{"pwd", "-P"}}, .folder = folder.path()});
  EXPECT_EQ(output_, std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST_F(Processes, HaveAnEmptyInputUnlessAskedOtherwise) {
  run({.commands = {{"wc", "-c"}}});
  EXPECT_EQ(output_, "0\n");
}

TEST_F(Processes, InheritNoDescriptor) {
  const int open_for_all = ::open("/dev/null", O_RDONLY);  // NOLINT(android-cloexec-open): that is the point.
  ASSERT_GT(open_for_all, 2);
  run({.commands = {{"sh", "-c", "ls /proc/$$/fd"}}});
  ::close(open_for_all);
  EXPECT_EQ(output_, "0\n1\n2\n");
}

TEST_F(Processes, InheritNoSignalSetting) {
  ::signal(SIGPIPE, SIG_IGN);  // Signals are blocked as well: on the thread of the loop, which makes that which starts.
  run({.commands = {{"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}}});
  EXPECT_THAT(output_, HasSubstr("SigBlk:\t0000000000000000\n"));
  // The two highest are the C library's own.
  EXPECT_THAT(output_,
              ::testing::AnyOf(HasSubstr("SigIgn:\t0000000180000000\n"), HasSubstr("SigIgn:\t0000000000000000\n")));
}

TEST_F(Processes, KeepTheEndOfWhatTheySayOnStandardError) {
  run({.commands = {{"sh", "-c", "seq 1 100000 >&2; echo last >&2"}}});
  EXPECT_EQ(errors_.size(), 4095U) << "4 KiB without the end of the line";
  EXPECT_TRUE(errors_.ends_with("100000\nlast"));
}

TEST_F(Processes, AreNotStartedWhenAProgramIsNotFound) {
  EXPECT_EQ(start_error({.commands = {{"sleep", "1000"}, {"penstock-no-such-program"}}}).value(), ENOENT);
  EXPECT_EQ(message_, "cannot start `penstock-no-such-program`: No such file or directory");
  EXPECT_TRUE(has_no_children());
}

TEST_F(Processes, TellThatAProgramMayNotBeExecuted) {
  const testing::TempDir folder;
  const std::string file = folder.write("plain.txt", "no program");
  EXPECT_EQ(start_error({.commands = {{file}}}).value(), EACCES);
  EXPECT_EQ(start_error({.commands = {{"plain.txt"}}, .environment = {{"PATH", folder.path()}}}).value(), EACCES);
}

TEST_F(Processes, TellThatAProgramIsNone) {
  const testing::TempDir folder;
  const std::string file = folder.write("broken",
                                        "\x7f"
                                        "ELF, but not really");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  EXPECT_EQ(start_error({.commands = {{file}}}).value(), ENOEXEC);
}

TEST_F(Processes, TellThatAFolderIsMissing) {
  EXPECT_EQ(start_error({.commands = {{"true"}}, .folder = "/penstock/no/such/folder"}).value(), ENOENT);
  EXPECT_THAT(message_, HasSubstr("/penstock/no/such/folder"));
}

TEST_F(Processes, AreKilledWhenTheyOutliveTheirLeader) {
  // The grandchild holds the pipe: its end is seen when it is dead.
  run({.commands = {{"sh", "-c", "sleep 1000 & echo started"}}});
  EXPECT_EQ(output_, "started\n");
  EXPECT_THAT(statuses_, ElementsAre(ProcessStatus{}));
}

TEST_F(Processes, EndByTheTerminationSignal) {
  driver_.run([this]() -> Task<void> {
    ProcessOptions options{.commands = {{"sleep", "1000"}}};
    ProcessGroup group = co_await launcher_->start(options);
    statuses_ = co_await group.terminate(1h);
  });
  EXPECT_THAT(statuses_, ElementsAre(ProcessStatus{.signal = SIGTERM}));
}

TEST_F(Processes, AreKilledWhenTheyIgnoreTheTerminationSignal) {
  driver_.run([this]() -> Task<void> {
    ProcessOptions options{.commands = {{"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"}}};
    ProcessGroup group = co_await launcher_->start(options);
    co_await read_some(group);
    statuses_ = co_await group.terminate(20ms);
  });
  EXPECT_THAT(statuses_, ElementsAre(ProcessStatus{.signal = SIGKILL}));
}

TEST_F(Processes, AreTerminatedAfterTheOperationWasStopped) {
  Operation operation;
  bool is_cancelled = false;
  driver_.run(operation, [&]() -> Task<void> {
    ProcessOptions options{.commands = {{"sleep", "1000"}, {"sleep", "1000"}}};
    ProcessGroup group = co_await launcher_->start(options);
    driver_.loop().post([&operation] { operation.stop(); });
    try {
      co_await group.wait();
    } catch (const OperationCancelled&) {
      is_cancelled = true;
    }
    statuses_ = co_await group.terminate(1h);
  });
  EXPECT_TRUE(is_cancelled);
  EXPECT_THAT(statuses_, ElementsAre(ProcessStatus{.signal = SIGTERM}, ProcessStatus{.signal = SIGTERM}));
}

TEST_F(Processes, AreKilledAndReapedWithTheirGroup) {
  driver_.run([this]() -> Task<void> {
    ProcessOptions options{.commands = {{"sleep", "1000"}, {"sleep", "1000"}}};
    ProcessGroup group = co_await launcher_->start(options);
  });
  end_launcher();
  EXPECT_TRUE(has_no_children());
}

TEST_F(Processes, LeaveNothingOpen) {
  run({.commands = {{"true"}}});
  const OpenResources before = OpenResources::count();
  for (int i = 0; i < 20; ++i) {
    run({.commands = {{"echo", "a"}, {"cat"}}});
    start_error({.commands = {{"penstock-no-such-program"}}});
  }
  EXPECT_EQ(OpenResources::count(), before);
  EXPECT_TRUE(has_no_children());
}

TEST(Spawn, ChildrenDieWithTheThreadThatStartedThem) {
  const io::LaunchImage image;
  ASSERT_TRUE(image.is_there());
  io::SpawnedGroup group;
  std::thread starter([&] {
    group = io::spawn({.commands = {{"sh", "-c", "echo; exec sleep 1000"}}}, image);
    // Until it has been executed: a thread that ends before that is not told.
    pollfd told{.fd = group.output.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&told, 1, -1), 1);
  });
  starter.join();
  int status = 0;
  EXPECT_EQ(::waitpid(group.id(), &status, 0), group.id());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

TEST(Spawn, ChildrenStartWithoutTheLaunchingProgram) {
  const io::SpawnedGroup group =
      io::spawn({.commands = {{"sh", "-c", "ls /proc/$$/fd; exit 4"}}}, io::LaunchImage::none());
  int status = 0;
  EXPECT_EQ(::waitpid(group.id(), &status, 0), group.id());
  EXPECT_EQ(WEXITSTATUS(status), 4);
  char output[64] = {};
  EXPECT_GT(::read(group.output.get(), output, sizeof output - 1), 0);
  EXPECT_STREQ(output, "0\n1\n2\n");
}

TEST(Spawn, WithoutTheLaunchingProgramFailureIsToldAtOnce) {
  const testing::TempDir folder;
  const std::string file = folder.write("broken",
                                        "\x7f"
                                        "ELF, but not really");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  EXPECT_THROW(io::spawn({.commands = {{file}}}, io::LaunchImage::none()), std::system_error);
  EXPECT_TRUE(has_no_children());
}

}  // namespace
}  // namespace penstock
