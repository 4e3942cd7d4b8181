// `upload` over TLS and HTTP/2, to a real nginx with its DAV module.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/upload/upload.h"
#include "tests/support/environment_variable.h"
#include "tests/support/nginx_server.h"
#include "tests/support/tls_files.h"

namespace penstock::testing {
namespace {

using Verdict = Outcome::Verdict;

class UploadTls : public ::testing::Test {
 protected:
  StageRunner runner() const {
    return StageRunner(stages::upload_spec(), R"({"network": "any", "to": ")" + server_.url("/put/{key}") + "\"}");
  }
  static SourceItem item(std::string key, std::string data) {
    return {std::move(key), {}, Payload(Bytes(std::move(data)))};
  }
  std::string stored(const std::string& name) const {
    std::ifstream file(server_.folder().path("put/" + name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDir folder_;
  TlsFiles tls_ = make_tls_files(folder_, "IP:127.0.0.1");
  NginxServer server_{"location /put/ { root .; dav_methods PUT; create_full_put_path on; }", {}, tls_};
  // What the machine trusts must not decide; each test names what is trusted.
  EnvironmentVariable bundle_{"CURL_CA_BUNDLE", std::nullopt};
  EnvironmentVariable file_{"SSL_CERT_FILE", std::nullopt};
  EnvironmentVariable certificates_{"SSL_CERT_DIR", std::nullopt};
};

TEST_F(UploadTls, PutsManyOverHttp2) {
  const EnvironmentVariable trusted("CURL_CA_BUNDLE", tls_.authority);
  StageRunner upload = runner();
  std::vector<SourceItem> items;
  for (int i = 0; i < 50; ++i) {
    items.push_back(item(std::to_string(i), std::string(30'000, static_cast<char>('a' + i % 26))));
  }
  for (const Outcome& outcome : upload.run_all(std::move(items), 20)) {
    ASSERT_EQ(outcome.verdict, Verdict::emitted) << outcome.message;
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(stored(std::to_string(i)), std::string(30'000, static_cast<char>('a' + i % 26)));
  }
  EXPECT_NE(server_.log().find(" HTTP/2.0 "), std::string::npos);
  EXPECT_EQ(server_.log().find(" HTTP/1"), std::string::npos);
}

TEST_F(UploadTls, AnUnknownAuthorityIsAPermanentFailureAndNothingIsSent) {
  StageRunner upload = runner();
  const Outcome outcome = upload.run(item("a", "secret"));
  EXPECT_EQ(outcome.code, "upload.tls") << outcome.message;
  EXPECT_EQ(outcome.persistence, Persistence::permanent);
  EXPECT_EQ(server_.log(), "");
  EXPECT_EQ(stored("a"), "");
}

}  // namespace
}  // namespace penstock::testing
