// `download` against a server that does everything wrong.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/stages/download/download_test.h"
#include "tests/support/fault_server.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using End = FaultScript::End;

const std::string kOk = "HTTP/1.1 200 OK\r\n";

Outcome download(const FaultScript& script, const std::string& options = "", StageRunnerOptions runner = {}) {
  FaultServer server({{"/x", script}});
  return download_runner(options, std::move(runner)).run(server.url("/x"));
}

void expect_failure(const Outcome& outcome, std::string_view code, Persistence persistence) {
  EXPECT_EQ(outcome.code, code) << outcome.message;
  EXPECT_EQ(outcome.persistence, persistence);
}

TEST(DownloadFaults, AResetConnectionIsTransient) {
  expect_failure(download({"", End::reset}), "download.connection_lost", Persistence::transient);
  expect_failure(download({kOk + "Content-Length: 100\r\n\r\nhalf", End::reset}), "download.connection_lost",
                 Persistence::transient);
}

TEST(DownloadFaults, AnEmptyAnswerIsTransient) {
  expect_failure(download({""}), "download.connection_lost", Persistence::transient);
}

TEST(DownloadFaults, ABodyShorterThanAnnouncedIsTruncated) {
  expect_failure(download({kOk + "Content-Length: 100\r\n\r\nhalf"}), "download.truncated", Persistence::transient);
  expect_failure(download({kOk + "Content-Length: 100\r\n\r\n"}), "download.truncated", Persistence::transient);
}

TEST(DownloadFaults, AChunkedBodyThatEndsEarlyIsNotTakenForWhole) {
  EXPECT_EQ(download({kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}).verdict, Verdict::failed);
  EXPECT_EQ(download({kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\nbroken"}).verdict, Verdict::failed);
}

TEST(DownloadFaults, ABodyLongerThanAnnouncedIsCutThere) {
  EXPECT_EQ(body_of(download({kOk + "Content-Length: 5\r\n\r\nhello and more"})), "hello");
}

TEST(DownloadFaults, ABodyWithoutLengthEndsWithTheConnection) {
  EXPECT_EQ(body_of(download({"HTTP/1.0 200 OK\r\n\r\nhello"})), "hello");
}

TEST(DownloadFaults, WhatIsNotHttpIsAnErrorOfProtocol) {
  expect_failure(download({"SSH-2.0-OpenSSH_9.2\r\n"}), "download.protocol", Persistence::permanent);
  expect_failure(download({std::string("\0\1\2garbage\r\n\r\n", 15)}), "download.protocol", Persistence::permanent);
}

TEST(DownloadFaults, AHeadWithoutEndIsAnErrorOfProtocol) {
  FaultScript script{kOk, End::repeat, "X-Filler: " + std::string(1000, 'a') + "\r\n"};
  expect_failure(download(script), "download.protocol", Persistence::permanent);
}

TEST(DownloadFaults, ABodyWithoutEndIsTooLarge) {
  FaultScript script{kOk + "\r\n", End::repeat, std::string(64 * 1024, 'x')};
  expect_failure(download(script, R"("max_bytes": "1 MB")"), "download.too_large", Persistence::permanent);
}

TEST(DownloadFaults, TheBodyOfAFailureIsNotReceivedForEver) {
  FaultScript script{"HTTP/1.1 404 Not Found\r\n\r\n", End::repeat, std::string(64 * 1024, 'x')};
  expect_failure(download(script), "download.http_404", Persistence::permanent);
}

TEST(DownloadFaults, ABodyThatIsNotCompressedAsSaidFails) {
  expect_failure(download({kOk + "Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"}), "download.encoding",
                 Persistence::permanent);
}

TEST(DownloadFaults, ATimeoutEndsASilentServer) {
  for (const char* answer : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"}) {
    EXPECT_EQ(download({answer, End::stall}, "", {.timeout = 50ms}).code, "download.timeout") << answer;
  }
}

TEST(DownloadFaults, CancelClosesTheConnectionAtOnce) {
  FaultServer server({{"/x", {kOk + "Content-Length: 100\r\n\r\nhalf", End::stall}}});
  StageRunner runner = download_runner();
  std::thread canceller([&] {
    server.wait_for_requests(1);
    runner.cancel();
    server.wait_for_ended(1);  // While the runner is still open.
  });
  EXPECT_EQ(runner.run(server.url("/x")).verdict, Verdict::cancelled);
  canceller.join();
}

TEST(DownloadFaults, ARefusedConnectionIsTransient) {
  int port = 0;
  {
    FaultServer server({});
    port = server.port();
  }
  const Outcome outcome = download_runner().run("http://127.0.0.1:" + std::to_string(port) + "/");
  expect_failure(outcome, "download.connect", Persistence::transient);
}

TEST(DownloadFaults, TlsWithAServerThatSpeaksNoneFails) {
  FaultServer server({});
  const std::string url = "https" + server.url("/x").substr(4);
  StageRunner runner = download_runner("", {.timeout = 200ms});  // The server waits for the rest of the hello.
  const Outcome outcome = runner.run(url);
  EXPECT_TRUE(outcome.code == "download.tls" || outcome.code == "download.timeout") << outcome.code;
}

}  // namespace
}  // namespace penstock::testing
