// `upload` against a real nginx, with its DAV module.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/upload/upload.h"
#include "tests/support/fault_server.h"
#include "tests/support/nginx_server.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using Verdict = Outcome::Verdict;

constexpr std::string_view kLocations = R"(
  location /put/ { root .; dav_methods PUT; create_full_put_path on; }
  location /status/ { content_by_lua_block {
    ngx.req.read_body(); ngx.status = tonumber(ngx.var.uri:match("%d+")); ngx.header["Retry-After"] = ngx.var.arg_retry_after
    ngx.say("no") } }
  location /never/ { content_by_lua_block {
    ngx.req.read_body(); ngx.status = ngx.var.http_if_none_match == "*" and 412 or 201; ngx.say("") } }
  location /to/ { content_by_lua_block {
    ngx.req.read_body(); ngx.status = tonumber(ngx.var.uri:match("%d+")); ngx.header.Location = "/put/moved.bin"; ngx.say("") } }
  location /post/ { content_by_lua_block {
    ngx.req.read_body(); local f = io.open(ngx.config.prefix() .. "posted", "wb")
    f:write(ngx.req.get_method(), " ", ngx.var.http_content_type, " ", ngx.var.http_x_api_key, " ", ngx.req.get_body_data())
    f:close(); ngx.status = 202 } }
  location /hang/ { content_by_lua_block { ngx.req.read_body(); ngx.sleep(3600) } }
)";

class UploadHttp : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new NginxServer(kLocations); }
  static void TearDownTestSuite() { delete std::exchange(server_, nullptr); }

  static StageRunner runner(const std::string& path, const std::string& more = "", StageRunnerOptions options = {}) {
    return StageRunner(
        stages::upload_spec(),
        R"({"network": "any", "to": ")" + server_->url(path) + "\"" + (more.empty() ? "" : ", " + more) + "}",
        std::move(options));
  }
  static SourceItem item(std::string key, std::string data = "data") {
    return {std::move(key), {}, Payload(Bytes(std::move(data)))};
  }
  static std::string read(const std::string& name) {
    std::ifstream file(server_->folder().path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static NginxServer* server_;
};
NginxServer* UploadHttp::server_ = nullptr;

TEST_F(UploadHttp, PutsTheBytes) {
  const std::string large(3'000'000, 'x');
  StageRunner upload = runner("/put/{key:digest}/{key}.bin");
  EXPECT_EQ(upload.run(item("a", large)).verdict, Verdict::emitted);
  EXPECT_EQ(runner("/put/{key}").run(item("b c", "")).verdict, Verdict::emitted);
  EXPECT_EQ(read("put/ca978112ca1bbdcafac231b39a23dc4d/a.bin"), large);
  EXPECT_EQ(read("put/b c"), "");
}

TEST_F(UploadHttp, PutsManyOverKeptConnections) {
  StageRunner upload = runner("/put/many/{key}");
  std::vector<SourceItem> items;
  for (int i = 0; i < 200; ++i) items.push_back(item(std::to_string(i), "n" + std::to_string(i)));
  for (const Outcome& outcome : upload.run_all(std::move(items), 20))
    ASSERT_EQ(outcome.verdict, Verdict::emitted) << outcome.message;
  EXPECT_EQ(read("put/many/137"), "n137");
}

TEST_F(UploadHttp, PostsWithItsHeaders) {
  StageRunner upload =
      runner("/post/{key}", R"("method": "POST", "headers": {"X-Api-Key": "k"}, "content_type": "image/{kind}")");
  SourceItem photo = item("a", "body");
  photo.attributes.set("kind", "png\r\nX-Evil: 1");
  EXPECT_EQ(upload.run(std::move(photo)).verdict, Verdict::emitted);
  EXPECT_EQ(read("posted"), "POST image/pngX-Evil: 1 k body");
}

TEST_F(UploadHttp, AStatusIsAFailureWithItsNumber) {
  StageRunner upload = runner("/status/{key}");
  const Outcome denied = upload.run(item("403"));
  EXPECT_EQ(denied.code, "upload.http_403");
  EXPECT_EQ(denied.persistence, Persistence::permanent);
  EXPECT_EQ(upload.run(item("507")).persistence, Persistence::transient);
  const Outcome busy = runner("/status/503?retry_after=9&{key}").run(item("a"));
  EXPECT_EQ(busy.code, "upload.http_503");
  EXPECT_EQ(busy.retry_after, 9s);
}

TEST_F(UploadHttp, TakesOtherSuccessCodes) {
  EXPECT_EQ(runner("/status/{key}", R"("success_codes": [409])").run(item("409")).verdict, Verdict::emitted);
  EXPECT_EQ(runner("/put/{key}", R"("success_codes": [200])").run(item("x201")).code, "upload.http_201");
}

TEST_F(UploadHttp, DropsTheItemWhenItMayNotReplace) {
  const Outcome outcome = runner("/never/{key}", R"("overwrite": "never")").run(item("a"));
  EXPECT_EQ(outcome.verdict, Verdict::dropped);
  EXPECT_EQ(outcome.drop_reason, "upload.exists");
  EXPECT_EQ(runner("/never/{key}").run(item("a")).verdict, Verdict::emitted);
  EXPECT_EQ(runner("/status/{key}").run(item("412")).code, "upload.http_412");
}

TEST_F(UploadHttp, SendsTheBodyAgainOnlyWhereARedirectSaysSo) {
  EXPECT_EQ(runner("/to/{key}").run(item("307", "moved here")).verdict, Verdict::emitted);
  EXPECT_EQ(read("put/moved.bin"), "moved here");
  EXPECT_EQ(runner("/to/{key}").run(item("302")).code, "upload.http_302");
}

TEST_F(UploadHttp, TheSecondItemForOneTargetFails) {
  StageRunner upload = runner("/put/one-target");
  EXPECT_EQ(upload.run(item("a", "first")).verdict, Verdict::emitted);
  EXPECT_EQ(upload.run(item("b", "second")).code, "upload.duplicate_target");
  EXPECT_EQ(read("put/one-target"), "first");
}

TEST_F(UploadHttp, AHostileKeyNeverLeavesItsFolder) {
  for (const char* key : {"../escape", "a/../../escape", "..", "%2e%2e/escape", "..%2fescape", "/escape", "..%5cescape",
                          "..\\escape", "%252e%252e/escape", "?x", "#x"}) {
    runner("/put/inner/{key}").run(item(key));
  }
  EXPECT_EQ(read("put/escape"), "");
  EXPECT_EQ(server_->log().find(" /put/escape "), std::string::npos);
}

TEST_F(UploadHttp, PublicNetworkRefusesThisMachine) {
  const StageSpec spec = stages::upload_spec();
  StageRunner upload(spec, R"({"to": ")" + server_->url("/put/{key}") + "\"}");
  EXPECT_EQ(upload.run(item("forbidden")).code, "upload.forbidden_address");
  EXPECT_EQ(read("put/forbidden"), "");
}

TEST_F(UploadHttp, ATimeoutEndsAnUploadThatHangs) {
  EXPECT_EQ(runner("/hang/{key}", "", {.timeout = 100ms}).run(item("a")).code, "upload.timeout");
}

TEST(UploadFaults, ABrokenConnectionIsTransient) {
  FaultServer server({{"/reset", {"", FaultScript::End::reset}}, {"/close", {""}}});
  for (const char* path : {"/reset", "/close"}) {
    StageRunner upload(stages::upload_spec(), R"({"network": "any", "to": ")" + server.url(path) + "\"}");
    const Outcome outcome = upload.run({"a", {}, Payload(Bytes("data"))});
    EXPECT_EQ(outcome.code, "upload.connection_lost") << path;
    EXPECT_EQ(outcome.persistence, Persistence::transient);
  }
}

}  // namespace
}  // namespace penstock::testing
