// HTTP URLs, parsed the way curl will read them.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>

namespace penstock::stages {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

void check(CURLUcode code, const std::string& text) {
  if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLUE_OK) throw std::invalid_argument("`" + text + "` is not a URL: " + curl_url_strerror(code));
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags, const std::string& text) {
  char* value = nullptr;
  const CURLUcode code = curl_url_get(url, part, &value, flags);
  if (code == CURLUE_NO_PORT || code == CURLUE_NO_HOST) return {};
  check(code, text);
  std::string copy(value);
  curl_free(value);
  return copy;
}

/// curl converts by the locale of the process, and says CURLUE_OUT_OF_MEMORY where that fails.
std::string ascii_host(CURLU* url, const std::string& text) {
  std::string host = part_of(url, CURLUPART_HOST, 0, text);
  if (std::all_of(host.begin(), host.end(), [](char c) { return c > 0; })) return host;
  char* value = nullptr;
  if (curl_url_get(url, CURLUPART_HOST, &value, CURLU_PUNYCODE) != CURLUE_OK) {
    throw std::invalid_argument("the host `" + host +
                                "` cannot be converted in this locale; write it in Punycode (`xn--...`)");
  }
  host = value;
  curl_free(value);
  return host;
}

}  // namespace

std::string scheme_of(std::string_view url) {
  std::string scheme;
  for (const char c : url) {
    if (c == ':') return scheme;
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!is_letter && (scheme.empty() || !is_other)) return {};
    scheme += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  return {};
}

HttpUrl HttpUrl::parse(const std::string& text) {
  if (text.find('\0') != std::string::npos) throw std::invalid_argument("a URL cannot hold a NUL character");
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url) throw std::bad_alloc();
  HttpUrl result;
  result.scheme = scheme_of(text);
  if (result.scheme.empty())
    throw std::invalid_argument("`" + text + "` is not a URL: it does not start with a scheme");
  if (!result.is_http()) return result;
  check(curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_URLENCODE | CURLU_ALLOW_SPACE), text);
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  std::string host = ascii_host(url.get(), text);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  while (!host.empty() && host.back() == '.') host.pop_back();
  if (host.empty()) throw std::invalid_argument("`" + text + "` is not a URL: it has no host");
  check(curl_url_set(url.get(), CURLUPART_HOST, host.c_str(), 0), text);
  result.port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT, text);
  result.text = part_of(url.get(), CURLUPART_URL, 0, text);
  curl_url_set(url.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(url.get(), CURLUPART_PASSWORD, nullptr, 0);
  result.public_text = part_of(url.get(), CURLUPART_URL, 0, text);
  result.address = IpAddress::parse(host);
  result.host = host.front() == '[' ? host.substr(1, host.size() - 2) : host;
  return result;
}

}  // namespace penstock::stages
