// `penstock run` as a user sees it: exit codes, report, failures, progress, signals.
// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/temp_dir.h"

namespace penstock::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder with a pipeline that reads the files `a` and `b` of it, named by `list.txt`, with `download`.
class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    folder_.write("in/a", "alpha");
    folder_.write("in/b", "beta");
    list("a\nb\n");
    file_ = folder_.write("p.json", R"({
      "name": "sample",
      "params": { "list": "list.txt" },
      "stages": [
        { "type": "lines", "path": "${list}" },
        { "type": "download", "url": "file:in/{key}", "file_root": "in", "timeout": "1 h", "network": "any" }
      ]
    })");
  }

  void list(const std::string& lines) const { folder_.write("list.txt", lines); }
  std::vector<std::string> run(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"run", file_});
    return more;
  }
  json report() const { return json::parse(read(folder_.path("report.json"))); }

  static void expect_balance(const json& report) {
    const json& items = report["items"];
    EXPECT_EQ(items["admitted"].get<int>(), items["done"].get<int>() + items["dropped"].get<int>() +
                                                items["failed"].get<int>() + items["cancelled"].get<int>())
        << items;
  }

  testing::TempDir folder_;
  std::string file_;
};

TEST_F(RunTest, EndsWithZeroWhenEverythingIsDone) {
  const Result result = run_program(run({"--report", folder_.path("report.json")}));
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  EXPECT_EQ(result.output, "");
  const json report = this->report();
  EXPECT_EQ(report["pipeline"], "sample");
  EXPECT_EQ(report["outcome"], "completed");
  EXPECT_EQ(report["items"], json::parse(R"({"admitted":2,"done":2,"dropped":0,"failed":0,"cancelled":0})"));
}

TEST_F(RunTest, ReportTellsOfItsOwnMemoryAndNotOfItsParents) {
  const std::vector<char> ballast(std::size_t{1} << 30, 1);
  ASSERT_EQ(run_program(run({"--report", folder_.path("report.json")})).exit_code, 0);
  EXPECT_LT(report()["peak_rss_bytes"].get<std::size_t>(), ballast.size());
}

TEST_F(RunTest, ReportHasEveryKeyOfItsContract) {
  list("a\nmissing\n");
  run_program(run({"--report", folder_.path("report.json")}));
  const json report = this->report();
  for (const char* key : {"pipeline", "outcome", "items", "seconds", "peak_items_in_flight", "peak_memory_bytes",
                          "peak_rss_bytes", "stages", "errors"}) {
    EXPECT_TRUE(report.contains(key)) << key;
  }
  ASSERT_EQ(report["stages"].size(), 2U);
  for (const char* key : {"name", "type", "in", "out", "dropped", "failed", "retries", "busy_seconds", "bytes_in",
                          "bytes_out", "latency_ms"}) {
    EXPECT_TRUE(report["stages"][1].contains(key)) << key;
  }
  EXPECT_EQ(report["stages"][1]["bytes_out"], 5);
  for (const char* key : {"p50", "p90", "p99", "max"}) EXPECT_TRUE(report["stages"][1]["latency_ms"].contains(key));
  ASSERT_EQ(report["errors"].size(), 1U);
  EXPECT_EQ(report["errors"][0]["stage"], "download");
  EXPECT_EQ(report["errors"][0]["code"], "download.file_not_found");
  EXPECT_EQ(report["errors"][0]["count"], 1);
  EXPECT_EQ(report["errors"][0]["example"]["key"], "missing");
  EXPECT_TRUE(report["errors"][0]["example"].contains("message"));
  EXPECT_GE(report["peak_items_in_flight"].get<int>(), 1);
  EXPECT_GT(report["peak_rss_bytes"].get<std::int64_t>(), 0);
  expect_balance(report);
}

TEST_F(RunTest, EndsWithOneAndListsTheFailuresWhenSomeItemsFail) {
  list("a\nmissing one\nmissing two\n");
  const Result result = run_program(run({"--failures", folder_.path("failures.jsonl")}));
  EXPECT_EQ(result.exit_code, 1) << result.error_output;
  EXPECT_THAT(result.error_output, HasSubstr("2 x download.file_not_found in \"download\""));
  std::istringstream lines(read(folder_.path("failures.jsonl")));
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    const json failure = json::parse(line);
    EXPECT_THAT(failure["key"].get<std::string>(), HasSubstr("missing "));
    EXPECT_EQ(failure["piece"], 0);
    EXPECT_EQ(failure["stage"], "download");
    EXPECT_EQ(failure["code"], "download.file_not_found");
    EXPECT_FALSE(failure["message"].get<std::string>().empty());
    EXPECT_EQ(failure["attempts"], 1);
    ++count;
  }
  EXPECT_EQ(count, 2);
}

TEST_F(RunTest, WritesReportAndFailuresToStandardOutputOnRequest) {
  list("missing\n");
  const Result result = run_program(run({"--failures", "-"}));
  EXPECT_EQ(json::parse(result.output)["key"], "missing");
  EXPECT_EQ(json::parse(run_program(run({"--report", "-"})).output)["items"]["failed"], 1);
}

TEST_F(RunTest, EndsWithTwoWhenThePipelineIsWrong) {
  const std::string bad = folder_.write("bad.json", R"({"stages": [{"type": "lines"}]})");
  const Result result = run_program({"run", bad, "--report", folder_.path("report.json")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr("error[option.missing]"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("report.json")));
}

TEST_F(RunTest, EndsWithThreeWhenAStageCannotBeOpened) {
  const Result result = run_program(run({"--set", "list=no-such-list.txt", "--report", folder_.path("report.json")}));
  EXPECT_EQ(result.exit_code, 3) << result.error_output;
  EXPECT_EQ(report()["outcome"], "aborted");
  EXPECT_EQ(report()["abort"]["stage"], "lines");
  EXPECT_THAT(result.error_output, HasSubstr("no-such-list.txt"));
}

TEST_F(RunTest, EndsWithThreeBeforeItRunsWhenTheReportCannotBeWritten) {
  const Result result =
      run_program(run({"--report", folder_.path("no/report.json"), "--failures", folder_.path("failures.jsonl")}));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.error_output, HasSubstr("no/report.json"));
  EXPECT_THAT(result.error_output, HasSubstr("nothing was run"));
}

TEST_F(RunTest, EndsWithThreeWhenTheDiskIsFull) {
  list("missing\n");
  const Result result = run_program(run({"--failures", "/dev/full"}));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.error_output, HasSubstr("/dev/full"));
}

TEST_F(RunTest, ReadsStandardInput) {
  testing::ChildProcess child(program(run({"--set", "list=-"})), {.input = testing::ChildProcess::Input::silent});
  child.write_input("a\nb\n");
  child.close_input();
  EXPECT_EQ(child.wait(), 0) << child.error_output();
  EXPECT_THAT(child.error_output(), HasSubstr("2 done of 2 items"));
}

TEST_F(RunTest, SummaryEscapesHostileKeys) {
  list("missing\x1b[2J\n");
  const Result result = run_program(run({"--log-level", "debug"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error_output, HasSubstr("missing\\x1b[2J"));
  EXPECT_EQ(result.error_output.find('\x1b'), std::string::npos);
}

TEST_F(RunTest, ShowsLinesOfProgressWhenThereIsNoTerminal) {
  const Result result = run_program(run({"--progress", "always"}));
  EXPECT_THAT(result.error_output, HasSubstr("sample: "));
  EXPECT_EQ(result.error_output.find('\x1b'), std::string::npos);
  EXPECT_THAT(run_program(run({"--progress", "never"})).error_output, Not(HasSubstr(" items (")));
}

TEST_F(RunTest, ShowsALiveBlockOnATerminal) {
  testing::ChildProcess child(
      program(run({"--set", "list=-"})),
      {.input = testing::ChildProcess::Input::silent, .environment = {{"TERM", "xterm"}}, .has_terminal = true});
  EXPECT_TRUE(child.wait_for_error_text("in flight"));
  child.close_input();
  EXPECT_EQ(child.wait(), 0);
  EXPECT_THAT(child.error_output(), HasSubstr("\x1b[4A\r\x1b[J"));  // The block of four lines is taken away.
}

TEST_F(RunTest, UsesNoColourWhenAskedNotTo) {
  testing::ChildProcess child(program(run({"--set", "list=-"})), {.input = testing::ChildProcess::Input::silent,
                                                                  .environment = {{"TERM", "xterm"}, {"NO_COLOR", "1"}},
                                                                  .has_terminal = true});
  EXPECT_TRUE(child.wait_for_error_text("in flight"));
  child.close_input();
  EXPECT_EQ(child.wait(), 0);
  EXPECT_THAT(child.error_output(), Not(HasSubstr("\x1b[1m")));
}

TEST_F(RunTest, EndsWith130OnSigintWhileStandardInputIsSilent) {
  testing::ChildProcess child(
      program(run({"--set", "list=-", "--progress", "always", "--report", folder_.path("report.json")})),
      {.input = testing::ChildProcess::Input::silent});
  ASSERT_TRUE(child.wait_for_error_text("sample: "));
  child.send_signal(SIGINT);
  EXPECT_EQ(child.wait(), 130) << child.error_output();
  EXPECT_EQ(report()["outcome"], "drained");
  expect_balance(report());
}

TEST_F(RunTest, EndsWith143OnSigterm) {
  testing::ChildProcess child(program(run({"--set", "list=-", "--progress", "always"})),
                              {.input = testing::ChildProcess::Input::silent});
  ASSERT_TRUE(child.wait_for_error_text("sample: "));
  child.send_signal(SIGTERM);
  EXPECT_EQ(child.wait(), 143) << child.error_output();
}

/// The program has opened the pipeline, a pipe, and waits for its text.
class LoadingRunTest : public RunTest {
 protected:
  LoadingRunTest() {
    file_ = folder_.path("pipe.json");
    if (::mkfifo(file_.c_str(), 0600) != 0) throw std::runtime_error("cannot make a pipe");
    child_.emplace(program(run({"--set", "list=-", "--report", folder_.path("report.json")})),
                   testing::ChildProcess::Options{.input = testing::ChildProcess::Input::silent});
    pipe_.open(file_);
  }
  void give_pipeline() {
    pipe_ << text_ << std::flush;
    pipe_.close();
  }

  std::optional<testing::ChildProcess> child_;

 private:
  std::string text_ = read(folder_.path("p.json"));
  std::ofstream pipe_;
};

TEST_F(LoadingRunTest, AnswersASignal) {
  child_->send_signal(SIGINT);
  give_pipeline();
  EXPECT_EQ(child_->wait(), 130) << child_->error_output();
  EXPECT_EQ(report()["outcome"], "drained");
  expect_balance(report());
}

TEST_F(LoadingRunTest, CancelsTheRunAfterASecondSignal) {
  child_->send_signal(SIGINT);
  ASSERT_TRUE(child_->wait_for_error_text("SIGINT: finishing"));
  child_->send_signal(SIGINT);
  ASSERT_TRUE(child_->wait_for_error_text("SIGINT: stopping at once"));
  give_pipeline();
  EXPECT_EQ(child_->wait(), 130) << child_->error_output();
  EXPECT_EQ(report()["outcome"], "cancelled");
  expect_balance(report());
}

TEST_F(RunTest, AnswersASignalThatCameBeforeItsFirstInstruction) {
  // A blocked signal that has come survives exec().
  constexpr const char* kExecWithPendingSignal =
      "import os, signal, sys\n"
      "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
      "os.kill(os.getpid(), signal.SIGTERM)\n"
      "os.execv(sys.argv[1], sys.argv[1:])\n";
  std::vector<std::string> command = program(run({"--set", "list=-", "--report", folder_.path("report.json")}));
  command.insert(command.begin(), {"/usr/bin/python3", "-c", kExecWithPendingSignal});
  testing::ChildProcess child(command, {.input = testing::ChildProcess::Input::silent});
  EXPECT_EQ(child.wait(), 143) << child.error_output();
  EXPECT_EQ(report()["outcome"], "drained");
  EXPECT_EQ(report()["items"]["admitted"], 0);
}

/// A server that accepts connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(socket_, 8);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() {
    if (connection_ >= 0) ::close(connection_);
    ::close(socket_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  /// Returns when a client has connected.
  void wait_for_client() { connection_ = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  int socket_;
  int connection_ = -1;
  std::uint16_t port_ = 0;
};

class HangingRunTest : public RunTest {
 protected:
  HangingRunTest() {
    list(server_.url() + "\n");
    file_ = folder_.write("hang.json", R"({
      "name": "sample",
      "stages": [
        { "type": "lines", "path": "list.txt" },
        { "type": "download", "timeout": "1 h", "network": "any" }
      ]
    })");
  }
  SilentServer server_;
};

TEST_F(HangingRunTest, SecondSigintCancelsWhatHangs) {
  testing::ChildProcess child(program(run({"--drain-timeout", "1 h", "--report", folder_.path("report.json")})));
  server_.wait_for_client();
  child.send_signal(SIGINT);
  ASSERT_TRUE(child.wait_for_error_text("SIGINT: finishing"));
  child.send_signal(SIGINT);
  EXPECT_EQ(child.wait(), 130) << child.error_output();
  EXPECT_EQ(report()["outcome"], "cancelled");
  EXPECT_EQ(report()["items"]["cancelled"], 1);
  expect_balance(report());
}

TEST_F(HangingRunTest, DrainTimeoutCancelsWhatHangs) {
  testing::ChildProcess child(program(run({"--drain-timeout", "1 ms", "--report", folder_.path("report.json")})));
  server_.wait_for_client();
  child.send_signal(SIGINT);
  EXPECT_EQ(child.wait(), 130) << child.error_output();
  EXPECT_EQ(report()["outcome"], "cancelled");
  expect_balance(report());
}

}  // namespace
}  // namespace penstock::cli
