// `file:` URLs: which file they name.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/file_url.h"

#include <strings.h>

#include <stdexcept>

#include "stages/common/percent_encoding.h"

namespace penstock::stages {
namespace {

constexpr std::string_view kScheme = "file:";

std::string_view without_host(std::string_view rest) {
  if (!rest.starts_with("//")) return rest;
  const std::size_t end = rest.find('/', 2);
  const std::string_view host = rest.substr(2, end == std::string_view::npos ? end : end - 2);
  if (!host.empty() && host != "localhost") {
    throw std::invalid_argument("a file URL names a file of this machine, not of the host `" + std::string(host) + "`");
  }
  return end == std::string_view::npos ? std::string_view() : rest.substr(end);
}

}  // namespace

bool is_file_url(std::string_view url) {
  return url.size() >= kScheme.size() && ::strncasecmp(url.data(), kScheme.data(), kScheme.size()) == 0;
}

std::string path_of_file_url(std::string_view url, std::string_view base) {
  const std::string_view written = without_host(url.substr(kScheme.size()));
  if (written.empty()) throw std::invalid_argument("the file URL has no path");
  std::string path;
  if (!written.starts_with('/')) {
    path = base.empty() ? "." : std::string(base);
    if (path.back() != '/') path += '/';
  }
  for (std::size_t begin = 0; begin <= written.size();) {
    const std::size_t end = std::min(written.find('/', begin), written.size());
    const std::string segment = percent_decoded(written.substr(begin, end - begin));
    if (segment.find('\0') != std::string::npos) throw std::invalid_argument("a file name cannot hold a NUL character");
    if (segment.find('/') != std::string::npos) throw std::invalid_argument("a file name cannot hold an encoded `/`");
    path += segment;
    if (end < written.size()) path += '/';
    begin = end + 1;
  }
  return path;
}

}  // namespace penstock::stages
