// HTTP that is recorded and replayed, by `download` and `upload` on the stepped clock and alone.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "penstock/bytes.h"
#include "penstock/testing/pipeline_runner.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"
#include "stages/download/download.h"
#include "stages/upload/upload.h"
#include "tests/support/fault_server.h"
#include "tests/support/nginx_server.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::Outcome;
using testing::PipelineResult;
using testing::PipelineRunner;
using testing::StageRunner;

std::string body_of(const Outcome& outcome) {
  if (outcome.emitted.size() != 1) return outcome.code + ": " + outcome.message;
  return std::string(outcome.payload<Bytes>().view());
}

std::shared_ptr<const HttpRecording> recording_of(std::vector<HttpExchange> exchanges) {
  return std::make_shared<const HttpRecording>(std::move(exchanges));
}

StageRunner download(std::shared_ptr<const HttpRecording> recording, const std::string& options = "{}") {
  return StageRunner(download_spec(replay_http(std::move(recording))), options);
}

TEST(HttpReplay, AnswersWithoutAServer) {
  StageRunner stage = download(
      recording_of({{.url = "http://a.example/x", .status = 200, .content_type = "text/plain", .body = "hello"}}));
  const Outcome outcome = stage.run("http://A.example/x#part");
  EXPECT_EQ(body_of(outcome), "hello");
  EXPECT_EQ(to_text(*outcome.attributes.find("http.content_type")), "text/plain");
  EXPECT_EQ(to_text(*outcome.attributes.find("http.status")), "200");
}

TEST(HttpReplay, AnswersInTurnAndThenAsTheLastTime) {
  StageRunner stage = download(recording_of({{.url = "http://a.example/", .status = 503, .retry_after = 7s},
                                             {.url = "http://a.example/", .status = 200, .body = "now"}}));
  const Outcome first = stage.run("http://a.example/");
  EXPECT_EQ(first.code, "download.http_503");
  EXPECT_EQ(first.persistence, Persistence::transient);
  EXPECT_EQ(first.retry_after, 7s);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(body_of(stage.run("http://a.example/")), "now");
}

TEST(HttpReplay, FollowsRecordedRedirects) {
  const auto recording = recording_of({{.url = "http://a.example/", .status = 302, .redirect = "http://b.example/"},
                                       {.url = "http://b.example/", .status = 200, .body = "b"},
                                       {.url = "http://c.example/", .status = 302, .redirect = "http://c.example/"},
                                       {.url = "http://d.example/", .status = 302, .redirect = "ftp://d.example/"}});
  StageRunner stage = download(recording, R"({"max_redirects": 3})");
  const Outcome outcome = stage.run("http://a.example/");
  EXPECT_EQ(body_of(outcome), "b");
  EXPECT_EQ(to_text(*outcome.attributes.find("http.url")), "http://b.example/");
  EXPECT_EQ(stage.run("http://c.example/").code, "download.redirects");
  EXPECT_EQ(stage.run("http://d.example/").code, "download.forbidden_scheme");
}

TEST(HttpReplay, KeepsLimitsOfSizeAndMemory) {
  const auto recording = recording_of({{.url = "http://a.example/", .status = 200, .body = std::string(1000, 'x')}});
  EXPECT_EQ(download(recording, R"({"max_bytes": "999 B"})").run("http://a.example/").code, "download.too_large");
  StageRunner stage = download(recording);
  const Outcome outcome = stage.run("http://a.example/");
  EXPECT_EQ(stage.memory_bytes(), 1000U);
}

TEST(HttpReplay, RaisesRecordedFailures) {
  StageRunner stage = download(recording_of({{.url = "http://a.example/",
                                              .fail = "connection_lost",
                                              .message = "it broke",
                                              .persistence = Persistence::transient},
                                             {.url = "http://b.example/", .fail = "nonsense"}}));
  const Outcome outcome = stage.run("http://a.example/");
  EXPECT_EQ(outcome.code, "download.connection_lost");
  EXPECT_EQ(outcome.message, "it broke");
  EXPECT_EQ(outcome.persistence, Persistence::transient);
  EXPECT_THAT(stage.run("http://b.example/").message, HasSubstr("the failure `nonsense`"));
}

TEST(HttpReplay, TellsWhatIsRecordedInstead) {
  StageRunner stage = download(recording_of(
      {{.url = "http://a.example/1", .status = 200}, {.method = "PUT", .url = "http://a.example/2", .status = 200}}));
  const Outcome outcome = stage.run("http://a.example/2");
  EXPECT_EQ(outcome.code, "stage.exception");
  EXPECT_EQ(outcome.message,
            "no answer is recorded for GET http://a.example/2; for its host there are: GET http://a.example/1, PUT "
            "http://a.example/2");
  EXPECT_EQ(stage.run("http://b.example/").message,
            "no answer is recorded for GET http://b.example/; nothing is recorded for its host");
}

TEST(HttpReplay, ComparesTheBodyThatIsSentWhereItIsRecorded) {
  const std::string hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  StageRunner stage(upload_spec(replay_http(recording_of(
                        {{.method = "PUT", .url = "http://a.example/x", .request_sha256 = hello, .status = 201}}))),
                    R"({"to": "http://a.example/{key}"})");
  const auto send = [&](const char* body) { return stage.run({"x", {}, Payload(Bytes(body))}); };
  EXPECT_THAT(send("other").message, HasSubstr("its body was expected to have the SHA-256 " + hello));
}

TEST(HttpReplay, StoresWhatIsAsRecorded) {
  StageRunner stage(
      upload_spec(replay_http(recording_of({{.method = "PUT", .url = "http://a.example/x", .status = 201}}))),
      R"({"to": "http://a.example/{key}"})");
  EXPECT_EQ(stage.run({"x", {}, Payload(Bytes("hello"))}).verdict, Outcome::Verdict::emitted);
}

TEST(HttpReplay, TakesTheRecordedTimeOnTheClockOfTheRun) {
  Registry registry;
  register_builtin_stages(
      registry, {.http_transport = replay_http(
                     recording_of({{.url = "http://slow.example/", .after = 1h, .status = 200, .body = "late"},
                                   {.url = "http://fast.example/", .after = 59s, .status = 200, .body = "in time"}}))});
  PipelineRunner runner = PipelineRunner::from_string(R"({"stages": [{"type": "lines", "path": "x"},
      {"type": "download", "timeout": "60 s", "retry": {"attempts": 3, "backoff": "1 s"}, "network": "any"},
      {"type": "upload", "to": "file:out/{key:digest}"}]})",
                                                      registry);
  runner.feed("lines", {{.key = "http://slow.example/"}, {.key = "http://fast.example/"}});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const PipelineResult result = runner.run(seed);
    EXPECT_EQ(result.keys("upload"), std::vector<std::string>{"http://fast.example/"});
    ASSERT_EQ(result.failures.size(), 1U);
    EXPECT_EQ(result.failures[0].code, "download.timeout");
    EXPECT_EQ(result.failures[0].attempts, 3U);
    EXPECT_GE(result.elapsed, 180s);
  }
}

class HttpRecordings : public ::testing::Test {
 protected:
  std::string write(const std::string& exchange) const {
    return folder_.write("r.json", R"({"exchanges": [)" + exchange + "]}");
  }
  std::string refusal(const std::string& exchange) const {
    try {
      HttpRecording::load(write(exchange));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "it was accepted";
  }
  const testing::TempDir& folder() const { return folder_; }

 private:
  testing::TempDir folder_;
};

TEST_F(HttpRecordings, AreReadFromFiles) {
  folder().write("b.bin", "from a file");
  const auto recording = HttpRecording::load(write(
      R"({"url": "http://User:x@A.example", "status": 200, "content_type": "a/b", "body": {"base64": "aGVsbG8="}, "after": "5 ms"},
         {"method": "PUT", "url": "http://a.example/b", "status": 200, "body": {"file": "b.bin"}, "retry_after": "3 s"},
         {"url": "http://a.example/c", "fail": "connect", "transient": true})"));
  const std::vector<HttpExchange>& exchanges = recording->exchanges();
  ASSERT_EQ(exchanges.size(), 3U);
  EXPECT_EQ(exchanges[0].url, "http://a.example/");
  EXPECT_EQ(exchanges[0].body, "hello");
  EXPECT_EQ(exchanges[0].after, 5ms);
  EXPECT_EQ(exchanges[1].body, "from a file");
  EXPECT_EQ(exchanges[1].retry_after, 3s);
  EXPECT_EQ(exchanges[2].fail, "connect");
  EXPECT_EQ(exchanges[2].message, "connect");
  EXPECT_EQ(exchanges[2].persistence, Persistence::transient);
}

TEST_F(HttpRecordings, SayWhatIsWrongWithThem) {
  EXPECT_THAT(refusal(R"({"status": 200})"), HasSubstr("exchange 1 cannot be used: "));
  EXPECT_THAT(refusal(R"({"url": "http://a.example/"})"), HasSubstr("expected either `status` or `fail`"));
  EXPECT_THAT(refusal(R"({"url": "http://a.example/", "status": 200, "boddy": {}})"),
              HasSubstr("there is no key `boddy`"));
  EXPECT_THAT(refusal(R"({"url": "http://a.example/", "status": 200, "body": {}})"), HasSubstr("one of `text`"));
  EXPECT_THAT(refusal(R"({"url": "http://a.example/", "status": 200, "body": {"base64": "?"}})"),
              HasSubstr("no base64"));
  EXPECT_THAT(refusal(R"({"url": "http://a.example/", "status": 200, "body": {"file": "gone"}})"),
              HasSubstr("cannot be read"));
  EXPECT_THAT(refusal(R"({"url": "http://a.example/", "status": 200, "after": "soon"})"),
              HasSubstr("`after`: expected a duration"));
  EXPECT_THROW(HttpRecording::load(folder().path("gone.json")), std::runtime_error);
}

TEST_F(HttpRecordings, ReplayWhatARealServerAnswered) {
  const std::string binary = std::string("\xff\x00\x01", 3);
  const auto recording = std::make_shared<HttpRecording>();
  std::vector<std::string> urls;
  std::vector<std::string> live;
  {
    const testing::NginxServer server(R"(
      location /www/ { alias www/; }
      location /old { return 302 /www/a.txt; }
      location /busy { add_header Retry-After 9 always; return 503; })");
    server.folder().write("www/a.txt", "hello");
    server.folder().write("www/b.bin", binary);
    testing::FaultServer faults({{"/short", {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}}});
    for (const char* path : {"/www/a.txt", "/www/b.bin", "/old", "/busy", "/gone"}) urls.push_back(server.url(path));
    urls.push_back(faults.url("/short"));
    StageRunner stage(download_spec(record_http(recording)), R"({"network": "any", "proxy": ""})");
    for (const std::string& url : urls) live.push_back(body_of(stage.run(url)));
    stage.close();
  }
  EXPECT_EQ(live[0], "hello");
  EXPECT_EQ(live[1], binary);
  EXPECT_THAT(live[5], HasSubstr("download.truncated: "));
  recording->save(folder().path("r.json"));
  StageRunner stage = download(HttpRecording::load(folder().path("r.json")));
  for (std::size_t i = 0; i < urls.size(); ++i) EXPECT_EQ(body_of(stage.run(urls[i])), live[i]) << urls[i];
  EXPECT_EQ(stage.run(urls[3]).retry_after, 9s);
}

}  // namespace
}  // namespace penstock::stages
