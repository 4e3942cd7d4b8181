// The hash functions of `digest`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/digest/hashes.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include <array>

namespace penstock::stages {
namespace {

std::string evp_hash(const EVP_MD* function, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), digest.data(), &size, function, nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

std::string hash(Algorithm algorithm, std::string_view data) {
  switch (algorithm) {
    case Algorithm::sha256:
      return evp_hash(EVP_sha256(), data);
    case Algorithm::md5:
      return evp_hash(EVP_md5(), data);
    case Algorithm::xxh3:
      break;
  }
  XXH64_canonical_t digest;
  XXH64_canonicalFromHash(&digest, XXH3_64bits(data.data(), data.size()));
  return {reinterpret_cast<const char*>(digest.digest), sizeof digest.digest};
}

std::string hexadecimal(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

}  // namespace penstock::stages
