// `download` over TLS and HTTP/2, from a real nginx.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/stages/download/download_test.h"
#include "tests/support/environment_variable.h"
#include "tests/support/nginx_server.h"
#include "tests/support/tls_files.h"

namespace penstock::testing {
namespace {

constexpr std::string_view kLocations = R"(
  location /ok { content_by_lua_block { ngx.print("ok") } }
  location /gzip { gzip on; gzip_types *; gzip_min_length 0; content_by_lua_block { ngx.print(string.rep("g", 100000)) } }
  location /reset { content_by_lua_block {
    ngx.header.content_length = 100000; ngx.print("half"); ngx.flush(true); ngx.exit(ngx.ERROR) } }
  location /to { content_by_lua_block { ngx.redirect(ngx.unescape_uri(ngx.var.arg_url), 302) } }
)";

class DownloadTls : public ::testing::Test {
 protected:
  static std::string words_of(const Outcome& outcome) { return outcome.code + ": " + outcome.message; }

  TempDir folder_;
  TlsFiles tls_ = make_tls_files(folder_, "IP:127.0.0.1,DNS:localhost");
  NginxServer server_{kLocations, {}, tls_};
  // What the machine trusts must not decide; each test names what is trusted.
  EnvironmentVariable bundle_{"CURL_CA_BUNDLE", std::nullopt};
  EnvironmentVariable file_{"SSL_CERT_FILE", std::nullopt};
  EnvironmentVariable certificates_{"SSL_CERT_DIR", std::nullopt};
};

TEST_F(DownloadTls, TrustsTheAuthorityThatTheEnvironmentNames) {
  for (const char* variable : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const EnvironmentVariable trusted(variable, tls_.authority);
    StageRunner runner = download_runner();
    const Outcome outcome = runner.run(server_.url("/ok"));
    EXPECT_EQ(body_of(outcome), "ok") << variable;
    EXPECT_EQ(text_attribute(outcome, "http.url"), server_.url("/ok"));
  }
}

TEST_F(DownloadTls, AnUnknownAuthorityIsAPermanentFailure) {
  StageRunner runner = download_runner();
  const Outcome outcome = runner.run(server_.url("/ok"));
  EXPECT_EQ(outcome.code, "download.tls") << words_of(outcome);
  EXPECT_EQ(outcome.persistence, Persistence::permanent);
  EXPECT_NE(outcome.message.find("127.0.0.1:" + std::to_string(server_.port())), std::string::npos) << outcome.message;
  EXPECT_NE(outcome.message.find("certificate"), std::string::npos) << outcome.message;
  EXPECT_EQ(server_.log(), "") << "nothing was asked for";
}

/// A server with this certificate, whose authority is trusted, is asked for a page.
void expect_refusal(const TlsFiles& tls) {
  NginxServer server(kLocations, {}, tls);
  const EnvironmentVariable trusted("CURL_CA_BUNDLE", tls.authority);
  const Outcome outcome = download_runner().run(server.url("/ok"));
  EXPECT_EQ(outcome.code, "download.tls") << outcome.message;
  EXPECT_EQ(outcome.persistence, Persistence::permanent);
}

TEST_F(DownloadTls, ACertificateForAnotherHostIsAPermanentFailure) {
  const TempDir folder;
  expect_refusal(make_tls_files(folder, "DNS:other.example"));
}

TEST_F(DownloadTls, AnExpiredCertificateIsAPermanentFailure) {
  const TempDir folder;
  expect_refusal(make_tls_files(folder, "IP:127.0.0.1", Validity::expired));
}

TEST_F(DownloadTls, TakesAnyCertificateWhenToldSo) {
  StageRunner runner = download_runner(R"("verify_tls": false)");
  EXPECT_EQ(body_of(runner.run(server_.url("/ok"))), "ok");
}

TEST_F(DownloadTls, ManyTransfersShareOneHttp2Connection) {
  const EnvironmentVariable trusted("CURL_CA_BUNDLE", tls_.authority);
  StageRunner runner = download_runner();
  std::vector<SourceItem> items;
  for (int i = 0; i < 200; ++i) items.push_back({server_.url("/ok"), {}, {}});
  for (const Outcome& outcome : runner.run_all(std::move(items), 50)) ASSERT_EQ(body_of(outcome), "ok");
  runner.close();
  std::set<std::string> protocols;
  std::set<std::string> connections;
  std::istringstream log(server_.log());
  std::string method;
  std::string path;
  std::string status;
  std::string protocol;
  std::string connection;
  while (log >> method >> path >> status >> protocol >> connection) {
    protocols.insert(protocol);
    connections.insert(connection);
  }
  EXPECT_EQ(protocols, std::set<std::string>{"HTTP/2.0"});
  EXPECT_EQ(connections.size(), 1U);
}

TEST_F(DownloadTls, DecompressesOverHttp2) {
  const EnvironmentVariable trusted("CURL_CA_BUNDLE", tls_.authority);
  StageRunner runner = download_runner();
  EXPECT_EQ(body_of(runner.run(server_.url("/gzip"))), std::string(100'000, 'g'));
}

TEST_F(DownloadTls, AStreamThatBreaksIsTransientAndLeavesTheOthers) {
  const EnvironmentVariable trusted("CURL_CA_BUNDLE", tls_.authority);
  StageRunner runner = download_runner();
  const std::vector<Outcome> outcomes =
      runner.run_all({{server_.url("/ok"), {}, {}}, {server_.url("/reset"), {}, {}}, {server_.url("/ok"), {}, {}}}, 3);
  EXPECT_EQ(body_of(outcomes[0]), "ok");
  EXPECT_EQ(outcomes[1].verdict, Verdict::failed);
  EXPECT_EQ(outcomes[1].persistence, Persistence::transient) << words_of(outcomes[1]);
  EXPECT_EQ(body_of(outcomes[2]), "ok");
}

TEST_F(DownloadTls, FollowsARedirectFromHttpToHttps) {
  const EnvironmentVariable trusted("CURL_CA_BUNDLE", tls_.authority);
  NginxServer plain(kLocations);
  StageRunner runner = download_runner();
  const Outcome outcome = runner.run(plain.url("/to?url=") + server_.url("/ok"));
  EXPECT_EQ(body_of(outcome), "ok");
  EXPECT_EQ(text_attribute(outcome, "http.url"), server_.url("/ok"));
}

TEST_F(DownloadTls, ARedirectDoesNotLeadAroundTheCertificate) {
  NginxServer plain(kLocations);
  StageRunner runner = download_runner();
  EXPECT_EQ(runner.run(plain.url("/to?url=") + server_.url("/ok")).code, "download.tls");
}

}  // namespace
}  // namespace penstock::testing
