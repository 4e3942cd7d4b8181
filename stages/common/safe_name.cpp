// File names out of hostile keys.
// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "penstock/utf8.h"
#include "stages/common/item_template.h"
#include "stages/common/percent_encoding.h"

namespace penstock::stages {
namespace {

constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxExtensionBytes = 16;
constexpr std::size_t kDigestDigits = 32;

/// The path of a URL, or the whole text when it is none: without scheme, authority, query and fragment.
std::string_view path_of(std::string_view key) {
  key = key.substr(0, key.find_first_of("?#"));
  const std::size_t authority = key.find("://");
  if (authority == std::string_view::npos) return key;
  const std::size_t path = key.find('/', authority + 3);
  return path == std::string_view::npos ? std::string_view() : key.substr(path);
}

std::string_view last_segment(std::string_view path) {
  const std::size_t last = path.find_last_not_of('/');
  if (last == std::string_view::npos) return {};
  path = path.substr(0, last + 1);
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
}

/// The whole name, of any length; empty when the key has no last segment.
std::string clean_name(std::string_view key) {
  std::string name = percent_decoded(last_segment(path_of(key)));
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = utf8_character_size(std::string_view(name).substr(at));
    if (length == 0 || is_forbidden(name[at])) name[at] = '_';
    at += std::max<std::size_t>(length, 1);
  }
  // A hidden file, or one of the names that mean a folder.
  if (name.starts_with('.')) name[0] = '_';
  return name;
}

/// Where the last extension begins, dot included; the size when there is none.
std::size_t extension_of(std::string_view name) {
  const std::size_t dot = name.find_last_of('.');
  return dot == std::string_view::npos || dot == 0 ? name.size() : dot;
}

/// Cuts a long name between characters and tells it from others by a digest of the whole key.
std::string limited(std::string name, std::string_view extension, std::string_view key) {
  if (name.size() + extension.size() <= kMaxNameBytes) return name + std::string(extension);
  if (extension.size() > kMaxExtensionBytes) {
    name += extension;
    extension = {};
  }
  std::size_t end = kMaxNameBytes - kDigestDigits - 1 - extension.size();
  if (end < name.size()) {
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    name.resize(end);
  }
  return name + "-" + short_digest(key) + std::string(extension);
}

}  // namespace

std::string short_digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in this build of OpenSSL");
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(kDigestDigits);
  for (std::size_t i = 0; i < kDigestDigits / 2; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

std::string safe_name(std::string_view key) {
  const std::string name = clean_name(key);
  if (name.empty()) return short_digest(key);
  const std::size_t dot = extension_of(name);
  return limited(name.substr(0, dot), std::string_view(name).substr(dot), key);
}

std::string safe_stem(std::string_view key) {
  const std::string name = clean_name(key);
  if (name.empty()) return short_digest(key);
  return limited(name.substr(0, extension_of(name)), {}, key);
}

}  // namespace penstock::stages
