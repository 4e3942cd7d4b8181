// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_url.h"

#include <gtest/gtest.h>
#include <locale.h>
#include <stdlib.h>

#include <stdexcept>

#include "stages/common/file_url.h"
#include "stages/common/proxy.h"

namespace penstock::stages {
namespace {

TEST(HttpUrl, BringsHostsIntoOneForm) {
  EXPECT_EQ(HttpUrl::parse("HTTP://Example.COM./x").host, "example.com");
  EXPECT_EQ(HttpUrl::parse("http://[2001:DB8::1]:8080/").host, "2001:db8::1");
  for (const char* host : {"127.1", "0x7f000001", "2130706433", "0177.0.0.01"}) {
    const HttpUrl url = HttpUrl::parse(std::string("http://") + host + "/");
    ASSERT_TRUE(url.address) << host;
    EXPECT_EQ(url.address->to_string(), "127.0.0.1") << host;
  }
}

TEST(HttpUrl, WritesHostsInPunycode) {
  const locale_t utf8 = ::newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
  const locale_t before = ::uselocale(utf8);
  EXPECT_EQ(HttpUrl::parse("http://b\xc3\xbc"
                           "cher.example/")
                .host,
            "xn--bcher-kva.example");
  ::uselocale(before);
  ::freelocale(utf8);
}

TEST(HttpUrl, KnowsThePortOfItsScheme) {
  EXPECT_EQ(HttpUrl::parse("http://a/").port, "80");
  EXPECT_EQ(HttpUrl::parse("https://a/").port, "443");
  EXPECT_EQ(HttpUrl::parse("https://a:8443/").port, "8443");
}

TEST(HttpUrl, ShowsNoCredentials) {
  const HttpUrl url = HttpUrl::parse("http://user:secret@a/b?c=d#e");
  EXPECT_EQ(url.public_text, "http://a/b?c=d");
  EXPECT_EQ(url.text, "http://user:secret@a/b?c=d");
}

TEST(HttpUrl, RefusesWhatIsNone) {
  for (const char* text : {"", "a", "//a/b", "http://", "http:///", "http://a:b/", "http://a b/", "://x"}) {
    EXPECT_THROW(HttpUrl::parse(text), std::invalid_argument) << text;
  }
}

TEST(FileUrl, NamesFiles) {
  EXPECT_EQ(path_of_file_url("file:///a/b%20c", "/base"), "/a/b c");
  EXPECT_EQ(path_of_file_url("file:a/../b", "/base"), "/base/a/../b");
  EXPECT_EQ(path_of_file_url("file:a?b#c", "/base"), "/base/a?b#c");
  EXPECT_THROW(path_of_file_url("file:", "/base"), std::invalid_argument);
  EXPECT_THROW(path_of_file_url("file://host/a", "/base"), std::invalid_argument);
  EXPECT_THROW(path_of_file_url("file:a%2fb", "/base"), std::invalid_argument);
  EXPECT_THROW(path_of_file_url("file:a%00", "/base"), std::invalid_argument);
}

/// Sets variables for one test.
class Environment {
 public:
  Environment() {
    for (const char* name : kNames) ::unsetenv(name);
  }
  ~Environment() {
    for (const char* name : kNames) ::unsetenv(name);
  }
  void set(const char* name, const char* value) { ::setenv(name, value, 1); }

 private:
  static constexpr const char* kNames[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                           "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
};

TEST(ProxySettings, FollowsTheEnvironmentAsCurlDoes) {
  Environment environment;
  environment.set("http_proxy", "http://plain:1");
  environment.set("HTTPS_PROXY", "http://secure:2");
  environment.set("no_proxy", "example.com, .internal,10.0.0.1");
  const ProxySettings proxy = ProxySettings::from(std::nullopt);
  EXPECT_EQ(proxy.proxy_for("http", "a.org"), "http://plain:1");
  EXPECT_EQ(proxy.proxy_for("https", "a.org"), "http://secure:2");
  EXPECT_EQ(proxy.proxy_for("https", "example.com"), "");
  EXPECT_EQ(proxy.proxy_for("https", "WWW.Example.com"), "");
  EXPECT_EQ(proxy.proxy_for("https", "notexample.com"), "http://secure:2");
  EXPECT_EQ(proxy.proxy_for("http", "db.internal"), "");
  EXPECT_EQ(proxy.proxy_for("http", "10.0.0.1"), "");
}

TEST(ProxySettings, DoesNotTrustTheVariableThatRequestsCanSet) {
  Environment environment;
  environment.set("HTTP_PROXY", "http://evil:1");
  EXPECT_FALSE(ProxySettings::from(std::nullopt).any());
}

TEST(ProxySettings, TheOptionWinsAlsoWhenItIsEmpty) {
  Environment environment;
  environment.set("all_proxy", "http://plain:1");
  EXPECT_EQ(ProxySettings::from("http://own:3").proxy_for("http", "a.org"), "http://own:3");
  EXPECT_FALSE(ProxySettings::from("").any());
}

}  // namespace
}  // namespace penstock::stages
