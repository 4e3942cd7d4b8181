// Certificates for test servers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tests/support/temp_dir.h"

namespace penstock::testing {

/// Paths of PEM files. They live as long as their folder.
struct TlsFiles {
  std::string authority;    ///< What a client must trust.
  std::string certificate;  ///< Signed by the authority.
  std::string key;          ///< Of the certificate.
};

enum class Validity { valid, expired };

/// Makes an authority that nobody knows yet and a certificate for `names`, as OpenSSL writes them:
/// `DNS:localhost,IP:127.0.0.1`. Throws std::runtime_error.
TlsFiles make_tls_files(const TempDir& folder, std::string_view names, Validity validity = Validity::valid);

}  // namespace penstock::testing
