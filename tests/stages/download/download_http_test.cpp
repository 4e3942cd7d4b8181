// `download` against a real nginx.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "penstock/diagnostic.h"
#include "tests/stages/download/download_test.h"
#include "tests/support/nginx_server.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kLocations = R"(
  location /files/ { alias www/; }
  location /gzip/ { gzip on; gzip_types *; gzip_min_length 0; alias www/; }
  location ~ ^/status/(?<code>\d+) { content_by_lua_block {
    ngx.status = tonumber(ngx.var.code); ngx.header["Retry-After"] = ngx.var.arg_retry_after; ngx.say("status") } }
  location /chunked { content_by_lua_block { for i = 1, 5 do ngx.print(string.rep(i, 1000)); ngx.flush(true) end } }
  location /empty { content_by_lua_block { ngx.header.content_length = 0 } }
  location ~ ^/to/(?<code>\d+) { content_by_lua_block {
    ngx.header.Location = ngx.unescape_uri(ngx.var.arg_url); ngx.status = tonumber(ngx.var.code); ngx.say("moved") } }
  location ~ ^/chain/(?<n>\d+) { content_by_lua_block {
    local n = tonumber(ngx.var.n); ngx.status = 302
    ngx.header.Location = n > 1 and "../chain/" .. (n - 1) or "/files/a.txt"; ngx.say("") } }
  location /loop { return 302 /loop; }
  location /nowhere { content_by_lua_block { ngx.status = 302; ngx.say("") } }
  location /hang { content_by_lua_block { ngx.sleep(3600) } }
  location /stall { content_by_lua_block {
    ngx.header.content_length = 100000; ngx.print(string.rep("x", 1000)); ngx.flush(true); ngx.sleep(3600) } }
  location /infinite { content_by_lua_block {
    local b = string.rep("x", 65536); while ngx.print(b) and ngx.flush(true) do end } }
  location /bomb { gzip on; gzip_types *; gzip_min_length 0; content_by_lua_block {
    local b = string.rep("\0", 1048576); for i = 1, 64 do if not ngx.print(b) then return end ngx.flush(true) end } }
  location /echo { content_by_lua_block { ngx.say(ngx.req.raw_header()) } }
  location /busy { content_by_lua_block {
    local running = ngx.shared.counts:incr("now", 1, 0)
    if running > (ngx.shared.counts:get("most") or 0) then ngx.shared.counts:set("most", running) end
    ngx.sleep(0.02); ngx.shared.counts:incr("now", -1); ngx.say("ok") } }
  location /most { content_by_lua_block { ngx.print(ngx.shared.counts:get("most")) } }
)";

class DownloadHttp : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new NginxServer(kLocations, "lua_shared_dict counts 1m;");
    server_->folder().write("www/a.txt", "hello");
    server_->folder().write("www/big.bin", std::string(3'000'000, 'b'));
    server_->folder().write("www/photo one.jpg", "jpeg");
  }
  static void TearDownTestSuite() { delete std::exchange(server_, nullptr); }
  static std::string url(std::string_view path) { return server_->url(path); }

  static NginxServer* server_;
};
NginxServer* DownloadHttp::server_ = nullptr;

TEST_F(DownloadHttp, GivesTheBodyAndItsAttributes) {
  StageRunner runner = download_runner();
  const Outcome outcome = runner.run(url("/files/a.txt"));
  EXPECT_EQ(body_of(outcome), "hello");
  EXPECT_EQ(text_attribute(outcome, "http.status"), "200");
  EXPECT_EQ(text_attribute(outcome, "http.content_type"), "text/plain");
  EXPECT_EQ(text_attribute(outcome, "http.url"), url("/files/a.txt"));
  EXPECT_EQ(text_attribute(outcome, "http.bytes"), "5");
}

TEST_F(DownloadHttp, TakesTheUrlFromATemplate) {
  StageRunner runner = download_runner(R"("url": ")" + url("/files/{key}") + "\"");
  EXPECT_EQ(body_of(runner.run("photo one.jpg")), "jpeg");
}

TEST_F(DownloadHttp, EncodesSpacesOfAUrlThatIsTheKey) {
  StageRunner runner = download_runner();
  EXPECT_EQ(body_of(runner.run(url("/files/photo one.jpg"))), "jpeg");
}

TEST_F(DownloadHttp, ChargesTheMemoryOfTheBodyWhileItLives) {
  StageRunner runner = download_runner();
  {
    const Outcome outcome = runner.run(url("/files/big.bin"));
    EXPECT_EQ(outcome.payload<Bytes>().size(), 3'000'000U);
    EXPECT_EQ(runner.memory_bytes(), 3'000'000U) << "the server announced the size";
  }
  EXPECT_EQ(runner.memory_bytes(), 0U);
}

TEST_F(DownloadHttp, WaitsForMemoryBeforeItReceives) {
  std::vector<SourceItem> items;
  for (int i = 0; i < 6; ++i) items.push_back({url("/files/big.bin"), {}, {}});
  // Each outcome keeps its payload, so only the first finds room; the rest wait until the timeout of the stage.
  StageRunner runner = download_runner("", {.timeout = 300ms, .memory_limit = 4'000'000});
  const std::vector<Outcome> outcomes = runner.run_all(std::move(items), 6);
  const auto done =
      std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.verdict == Verdict::emitted; });
  EXPECT_EQ(done, 1);
  EXPECT_LE(runner.peak_memory_bytes(), 4'000'000U);
}

TEST_F(DownloadHttp, DecompressesGzip) {
  StageRunner runner = download_runner();
  const Outcome outcome = runner.run(url("/gzip/big.bin"));
  EXPECT_EQ(body_of(outcome).size(), 3'000'000U);
  EXPECT_EQ(body_of(outcome), std::string(3'000'000, 'b'));
}

TEST_F(DownloadHttp, ReceivesChunkedAndEmptyBodies) {
  StageRunner runner = download_runner();
  EXPECT_EQ(body_of(runner.run(url("/chunked"))).size(), 5000U);
  const Outcome empty = runner.run(url("/empty"));
  EXPECT_EQ(empty.verdict, Verdict::emitted);
  EXPECT_EQ(empty.payload<Bytes>().size(), 0U);
}

TEST_F(DownloadHttp, AStatusIsAFailureWithItsNumber) {
  StageRunner runner = download_runner();
  const Outcome outcome = runner.run(url("/status/404"));
  EXPECT_EQ(outcome.verdict, Verdict::failed);
  EXPECT_EQ(outcome.code, "download.http_404");
  EXPECT_EQ(outcome.message, "the server answered 404 to " + url("/status/404"));
  EXPECT_EQ(outcome.attributes.size(), 0U);
}

TEST_F(DownloadHttp, KnowsWhichStatusesMayPass) {
  StageRunner runner = download_runner();
  for (const char* status : {"408", "425", "429", "500", "502", "503", "504"}) {
    EXPECT_EQ(runner.run(url("/status/") + status).persistence, Persistence::transient) << status;
  }
  for (const char* status : {"400", "401", "403", "404", "410", "501"}) {
    EXPECT_EQ(runner.run(url("/status/") + status).persistence, Persistence::permanent) << status;
  }
}

TEST_F(DownloadHttp, HandsOnRetryAfter) {
  StageRunner runner = download_runner();
  EXPECT_EQ(runner.run(url("/status/429?retry_after=7")).retry_after, 7s);
  EXPECT_EQ(runner.run(url("/status/503?retry_after=120")).retry_after, 120s);
  EXPECT_EQ(runner.run(url("/status/503")).retry_after, std::nullopt);
}

TEST_F(DownloadHttp, FollowsRedirectsUpToTheLimit) {
  StageRunner runner = download_runner(R"("max_redirects": 3)");
  const Outcome outcome = runner.run(url("/chain/3"));
  EXPECT_EQ(body_of(outcome), "hello");
  EXPECT_EQ(text_attribute(outcome, "http.url"), url("/files/a.txt"));
  EXPECT_EQ(runner.run(url("/chain/4")).code, "download.redirects");
  EXPECT_EQ(runner.run(url("/loop")).code, "download.redirects");
}

TEST_F(DownloadHttp, FollowsEachKindOfRedirect) {
  StageRunner runner = download_runner();
  for (const char* status : {"301", "302", "303", "307", "308"}) {
    EXPECT_EQ(body_of(runner.run(url("/to/") + status + "?url=/files/a.txt")), "hello") << status;
  }
}

TEST_F(DownloadHttp, ARedirectToNowhereFails) {
  StageRunner runner = download_runner();
  EXPECT_EQ(runner.run(url("/nowhere")).code, "download.http_302");
}

TEST_F(DownloadHttp, NeverFollowsARedirectToAnotherScheme) {
  StageRunner runner = download_runner();
  for (const char* target : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "javascript:alert(1)"}) {
    const Outcome outcome = runner.run(url("/to/302?url=") + target);
    EXPECT_EQ(outcome.code, "download.forbidden_scheme") << target;
    EXPECT_EQ(outcome.persistence, Persistence::permanent);
  }
}

TEST_F(DownloadHttp, SendsItsHeadersToTheFirstOriginOnly) {
  NginxServer other("location /echo { content_by_lua_block { ngx.say(ngx.req.raw_header()) } }");
  StageRunner runner =
      download_runner(R"("headers": {"X-Api-Key": "secret", "Accept-Language": "de"}, "user_agent": "tester")");
  const std::string own = body_of(runner.run(url("/echo")));
  EXPECT_NE(own.find("X-Api-Key: secret"), std::string::npos) << own;
  EXPECT_NE(own.find("User-Agent: tester"), std::string::npos);
  const std::string foreign = body_of(runner.run(url("/to/302?url=") + other.url("/echo")));
  EXPECT_EQ(foreign.find("secret"), std::string::npos) << foreign;
  EXPECT_NE(foreign.find("Accept-Language: de"), std::string::npos);
}

TEST_F(DownloadHttp, LeavesUserNameAndPasswordOutOfTheUrlAttribute) {
  StageRunner runner = download_runner();
  std::string secret = url("/files/a.txt");
  secret.insert(7, "user:password@");
  const Outcome outcome = runner.run(secret);
  EXPECT_EQ(text_attribute(outcome, "http.url"), url("/files/a.txt"));
}

TEST_F(DownloadHttp, RefusesABodyThatIsAnnouncedTooLarge) {
  StageRunner runner = download_runner(R"("max_bytes": "1 MB")");
  const Outcome outcome = runner.run(url("/files/big.bin"));
  EXPECT_EQ(outcome.code, "download.too_large");
  EXPECT_EQ(outcome.persistence, Persistence::permanent);
  EXPECT_EQ(runner.peak_memory_bytes(), 0U) << "nothing was received";
}

TEST_F(DownloadHttp, StopsABodyWithoutEndAtTheLimit) {
  StageRunner runner = download_runner(R"("max_bytes": "1 MB")");
  EXPECT_EQ(runner.run(url("/infinite")).code, "download.too_large");
  EXPECT_LE(runner.peak_memory_bytes(), 4'000'000U);
}

TEST_F(DownloadHttp, StopsACompressionBombAtTheLimit) {
  StageRunner runner = download_runner(R"("max_bytes": "1 MB")");
  EXPECT_EQ(runner.run(url("/bomb")).code, "download.too_large");
  EXPECT_LE(runner.peak_memory_bytes(), 4'000'000U);
}

TEST_F(DownloadHttp, ATimeoutEndsATransferThatHangs) {
  StageRunner runner = download_runner("", {.timeout = 100ms});
  EXPECT_EQ(runner.run(url("/hang")).code, "download.timeout");
  EXPECT_EQ(runner.run(url("/stall")).code, "download.timeout");
}

TEST_F(DownloadHttp, ATransferThatStallsIsTooSlow) {
  StageRunner runner = download_runner(R"("low_speed_limit": "1 kB", "low_speed_time": "1 s")");
  const Outcome outcome = runner.run(url("/stall"));
  EXPECT_EQ(outcome.code, "download.too_slow");
  EXPECT_EQ(outcome.persistence, Persistence::transient);
}

TEST_F(DownloadHttp, KeepsConnectionsAlive) {
  StageRunner runner = download_runner();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(body_of(runner.run(url("/files/a.txt?keep"))), "hello");
  runner.close();
  std::set<std::string> connections;
  std::istringstream log(server_->log());
  for (std::string line; std::getline(log, line);) {
    if (line.find("?keep") != std::string::npos) connections.insert(line.substr(line.rfind(' ')));
  }
  EXPECT_EQ(connections.size(), 1U);
}

TEST_F(DownloadHttp, DownloadsManyAtOnce) {
  StageRunner runner = download_runner();
  std::vector<SourceItem> items;
  for (int i = 0; i < 300; ++i) items.push_back({url("/chunked?") + std::to_string(i), {}, {}});
  for (const Outcome& outcome : runner.run_all(std::move(items), 100)) EXPECT_EQ(body_of(outcome).size(), 5000U);
}

TEST_F(DownloadHttp, PerHostBoundsTheTransfersToOneHost) {
  StageRunner runner = download_runner(R"("per_host": 3)");
  std::vector<SourceItem> items;
  for (int i = 0; i < 30; ++i) items.push_back({url("/busy"), {}, {}});
  for (const Outcome& outcome : runner.run_all(std::move(items), 30)) EXPECT_EQ(body_of(outcome), "ok\n");
  const int most = std::stoi(body_of(runner.run(url("/most"))));
  EXPECT_GE(most, 2);
  EXPECT_LE(most, 3);
}

TEST_F(DownloadHttp, CancelInMidTransferLeavesNothingOpen) {
  const int without = open_sockets();
  {
    StageRunner runner = download_runner();
    runner.open();
    const int before = open_sockets();
    std::vector<SourceItem> items;
    for (int i = 0; i < 20; ++i) items.push_back({url(i % 2 == 0 ? "/hang" : "/stall"), {}, {}});
    std::thread canceller([&runner] {
      // Once memory is charged, some transfers are in their middle.
      while (runner.peak_memory_bytes() == 0) std::this_thread::yield();
      runner.cancel();
    });
    for (const Outcome& outcome : runner.run_all(std::move(items), 20)) EXPECT_EQ(outcome.verdict, Verdict::cancelled);
    canceller.join();
    EXPECT_EQ(open_sockets(), before);
    EXPECT_EQ(runner.memory_bytes(), 0U);
    runner.close();
  }
  EXPECT_EQ(open_sockets(), without);
}

TEST_F(DownloadHttp, CloseLetsGoOfIdleConnections) {
  const int before = open_sockets();
  StageRunner runner = download_runner();
  runner.run(url("/files/a.txt"));
  EXPECT_GT(open_sockets(), before);
  runner.close();
  EXPECT_EQ(open_sockets(), before);
}

TEST_F(DownloadHttp, PublicNetworkRefusesLoopbackInEveryForm) {
  StageRunner runner = download_runner(R"("network": "public")");
  const std::string port = std::to_string(server_->port());
  for (const char* host :
       {"127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0.0.0.0", "[::1]", "localhost",
        "[::ffff:127.0.0.1]", "[::127.0.0.1]", "a.localhost", "LOCALHOST.", "user@127.0.0.1"}) {
    const Outcome outcome = runner.run("http://" + std::string(host) + ":" + port + "/files/a.txt");
    EXPECT_EQ(outcome.code, "download.forbidden_address") << host << ": " << body_of(outcome);
    EXPECT_EQ(outcome.persistence, Persistence::permanent);
  }
  EXPECT_EQ(server_->log().find("/files/a.txt?public"), std::string::npos);
}

TEST_F(DownloadHttp, APublicClientNeverUsesAConnectionOfAnother) {
  StageRunner open_runner = download_runner();
  EXPECT_EQ(body_of(open_runner.run(url("/files/a.txt"))), "hello");
  StageRunner closed_runner = download_runner(R"("network": "public")");
  EXPECT_EQ(closed_runner.run(url("/files/a.txt")).code, "download.forbidden_address");
  EXPECT_EQ(body_of(open_runner.run(url("/files/a.txt"))), "hello");
}

TEST_F(DownloadHttp, GoesThroughATrustedProxy) {
  // nginx takes the absolute form that a proxy is asked with; the host in it does not exist.
  StageRunner runner = download_runner(R"("network": "public", "proxy_trusted": true, "proxy": ")" + url("") + "\"");
  EXPECT_EQ(body_of(runner.run("http://no-such-host.invalid/files/a.txt")), "hello");
}

TEST(DownloadOptions, AProxyUnderThePublicNetworkIsRefusedUnlessTrusted) {
  const auto options = [](const std::string& more) { return R"({"network": "public")" + more + "}"; };
  const StageSpec spec = stages::download_spec();
  EXPECT_THROW(StageRunner(spec, options(R"(, "proxy": "http://proxy:3128")")), ConfigError);
  ::setenv("https_proxy", "http://proxy:3128", 1);
  EXPECT_THROW(StageRunner(spec, options("")), ConfigError);
  EXPECT_NO_THROW(StageRunner(spec, options(R"(, "proxy": "")")));
  EXPECT_NO_THROW(StageRunner(spec, options(R"(, "proxy_trusted": true)")));
  EXPECT_NO_THROW(StageRunner(spec, R"({"network": "any"})"));
  ::setenv("no_proxy", "*", 1);
  EXPECT_NO_THROW(StageRunner(spec, options("")));
  ::unsetenv("no_proxy");
  ::unsetenv("https_proxy");
}

TEST(DownloadOptions, RefusesHeadersThatWouldBreakTheRequest) {
  const StageSpec spec = stages::download_spec();
  EXPECT_THROW(StageRunner(spec, R"({"headers": {"X": "a\r\nHost: b"}})"), ConfigError);
  EXPECT_THROW(StageRunner(spec, R"({"headers": {"X Y": "a"}})"), ConfigError);
  EXPECT_THROW(StageRunner(spec, R"({"headers": {"content-length": "1"}})"), ConfigError);
  EXPECT_THROW(StageRunner(spec, R"({"user_agent": "a\nb"})"), ConfigError);
  EXPECT_THROW(StageRunner(spec, R"({"name_servers": ["example.com"]})"), ConfigError);
  EXPECT_NO_THROW(StageRunner(spec, R"({"name_servers": ["192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53"]})"));
}

TEST(DownloadOptions, SaysWhatIsWrongWithAUrl) {
  StageRunner runner = download_runner();
  for (const char* url :
       {"", "nonsense", "http://", "http://a b/", "http://[::1", "http://host:99999/", "/etc/passwd"}) {
    EXPECT_EQ(runner.run(url).code, "download.bad_url") << url;
  }
  for (const char* url : {"ftp://example.com/x", "file:///etc/passwd", "FILE:/etc/passwd", "data:,x"}) {
    EXPECT_EQ(runner.run(url).code, "download.forbidden_scheme") << url;
  }
  EXPECT_EQ(runner.run(std::string("http://127.0.0.1/\0x", 19)).code, "download.bad_url");
}

}  // namespace
}  // namespace penstock::testing
