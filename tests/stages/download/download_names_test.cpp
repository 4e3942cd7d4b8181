// `download` and host names: lookups are bounded, checked, and never hold up a timeout.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/stages/download/download_test.h"
#include "tests/support/dns_server.h"
#include "tests/support/nginx_server.h"

namespace penstock::testing {
namespace {

using namespace std::chrono_literals;
using Kind = DnsServer::Answer::Kind;

constexpr std::string_view kLocations = R"(
  location /ok { content_by_lua_block { ngx.print("ok") } }
  location /to { content_by_lua_block { ngx.redirect(ngx.unescape_uri(ngx.var.arg_url), 302) } }
)";

std::string servers(const DnsServer& dns) { return R"("name_servers": [")" + dns.address() + "\"]"; }

std::size_t threads_of_this_process() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) count += entry.exists();
  return count;
}

TEST(DownloadNames, LooksUpHundredsOfNamesWithoutAThreadEach) {
  NginxServer server(kLocations);
  std::size_t most_threads = 0;  // This and `asked` are the server's until it ends.
  std::set<std::string> asked;
  std::optional<DnsServer> dns(std::in_place, [&](const std::string& name) {
    asked.insert(name);
    if (asked.size() % 50 == 0) most_threads = std::max(most_threads, threads_of_this_process());
    return DnsServer::Answer{};
  });
  StageRunner runner = download_runner(servers(*dns));
  runner.open();
  const std::size_t threads_before = threads_of_this_process();
  std::vector<SourceItem> items;
  for (int i = 0; i < 800; ++i) {
    items.push_back(
        {"http://host" + std::to_string(i % 400) + ".example.com:" + std::to_string(server.port()) + "/ok", {}, {}});
  }
  for (const Outcome& outcome : runner.run_all(std::move(items), 400)) ASSERT_EQ(body_of(outcome), "ok");
  dns.reset();
  EXPECT_LE(most_threads, threads_before);
  EXPECT_EQ(asked.size(), 400U);
}

TEST(DownloadNames, KeepsAnswers) {
  NginxServer server(kLocations);
  DnsServer dns([](const std::string&) { return DnsServer::Answer{}; });
  StageRunner runner = download_runner(servers(dns));
  const std::string port = std::to_string(server.port());
  EXPECT_EQ(body_of(runner.run("http://kept.example.com:" + port + "/ok")), "ok");
  const int questions = dns.questions();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(body_of(runner.run("http://KEPT.example.com.:" + port + "/ok")), "ok");
  EXPECT_EQ(dns.questions(), questions);
}

TEST(DownloadNames, ANameServerThatNeverAnswersHoldsUpNoTimeout) {
  DnsServer dns([](const std::string&) { return DnsServer::Answer{Kind::silence, {}}; });
  StageRunner runner = download_runner(servers(dns), {.timeout = 100ms});
  std::vector<SourceItem> items;
  for (int i = 0; i < 1000; ++i) items.push_back({"http://host" + std::to_string(i) + ".example.com/", {}, {}});
  for (const Outcome& outcome : runner.run_all(std::move(items), 1000)) ASSERT_EQ(outcome.code, "download.timeout");
  runner.close();
}

TEST(DownloadNames, TheConnectTimeoutCoversTheLookup) {
  DnsServer dns([](const std::string&) { return DnsServer::Answer{Kind::silence, {}}; });
  StageRunner runner = download_runner(servers(dns) + R"(, "connect_timeout": "100 ms")");
  const Outcome outcome = runner.run("http://silent.example.com/");
  EXPECT_EQ(outcome.code, "download.resolve");
  EXPECT_EQ(outcome.persistence, Persistence::transient);
  EXPECT_EQ(outcome.message, "no address for `silent.example.com`: no answer within 100 ms");
}

TEST(DownloadNames, ANameThatDoesNotExistIsPermanent) {
  DnsServer dns([](const std::string&) { return DnsServer::Answer{Kind::no_such_name, {}}; });
  StageRunner runner = download_runner(servers(dns));
  const Outcome outcome = runner.run("http://nobody.example.com/");
  EXPECT_EQ(outcome.code, "download.resolve");
  EXPECT_EQ(outcome.persistence, Persistence::permanent);
}

TEST(DownloadNames, APublicNameThatLeadsToAPrivateAddressIsRefused) {
  for (const char* address : {"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"}) {
    DnsServer dns([address](const std::string&) { return DnsServer::Answer{Kind::address, address}; });
    StageRunner runner = download_runner(R"("network": "public", )" + servers(dns));
    EXPECT_EQ(runner.run("http://rebound.example.com/").code, "download.forbidden_address") << address;
  }
}

TEST(DownloadNames, ARedirectToAPrivateAddressIsRefusedUnderPublic) {
  // The proxy stands for a public server: it answers for any host, here with a redirect.
  NginxServer server(kLocations);
  DnsServer dns([](const std::string&) { return DnsServer::Answer{Kind::address, "10.0.0.1"}; });
  StageRunner runner = download_runner(R"("network": "any", )" + servers(dns));
  const std::string target = server.url("/ok");
  EXPECT_EQ(body_of(runner.run(server.url("/to?url=") + target)), "ok") << "`any` allows it";
  StageRunner guarded = download_runner(R"("network": "public", )" + servers(dns));
  EXPECT_EQ(guarded.run(server.url("/to?url=") + target).code, "download.forbidden_address");
}

TEST(DownloadNames, LocalhostNeedsNoNameServer) {
  NginxServer server(kLocations);
  DnsServer dns([](const std::string&) { return DnsServer::Answer{Kind::no_such_name, {}}; });
  StageRunner runner = download_runner(servers(dns));
  const std::string port = std::to_string(server.port());
  EXPECT_EQ(body_of(runner.run("http://localhost:" + port + "/ok")), "ok");
  EXPECT_EQ(body_of(runner.run("http://some.localhost:" + port + "/ok")), "ok");
  EXPECT_EQ(dns.questions(), 0);
}

}  // namespace
}  // namespace penstock::testing
