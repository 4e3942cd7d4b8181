// The hash functions of `digest`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace penstock::stages {

enum class Algorithm { sha256, md5, xxh3 };

/// The digest in binary: 32, 16 or 8 bytes, the last big-endian as xxHash prints it. Empty when the library refuses the
/// function, as a FIPS build of OpenSSL does with MD5.
std::string hash(Algorithm algorithm, std::string_view data);

/// Lower-case hexadecimal digits.
std::string hexadecimal(std::string_view bytes);

}  // namespace penstock::stages
