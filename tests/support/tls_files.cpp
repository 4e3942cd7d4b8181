// Certificates for test servers, made with OpenSSL.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tls_files.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace penstock::testing {
namespace {

template <auto release>
struct Release {
  template <class Object>
  void operator()(Object* object) const {
    release(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;
using File = std::unique_ptr<BIO, Release<BIO_free>>;

constexpr long kDay = 24 * 60 * 60;
constexpr long kVersion3 = 2;  // RFC 5280, section 4.1.2.1: the number is one less.

void check(bool is_done, const char* what) {
  if (!is_done) throw std::runtime_error(std::string("OpenSSL: no ") + what);
}

void add_extension(X509* certificate, int id, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

/// Neither signed nor with extensions.
Certificate draft(const char* name, long serial, EVP_PKEY* key, Validity validity) {
  Certificate certificate(X509_new());
  check(certificate != nullptr, "certificate");
  X509_set_version(certificate.get(), kVersion3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity == Validity::valid ? kDay : -kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  check(X509_sign(certificate, issuer_key, EVP_sha256()) != 0, "signature");
}

std::string write(const std::string& path, X509* certificate) {
  const File file(BIO_new_file(path.c_str(), "w"));
  check(file && PEM_write_bio_X509(file.get(), certificate) == 1, "certificate file");
  return path;
}

std::string write(const std::string& path, EVP_PKEY* key) {
  const File file(BIO_new_file(path.c_str(), "w"));
  check(file && PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "key file");
  return path;
}

}  // namespace

TlsFiles make_tls_files(const TempDir& folder, std::string_view names, Validity validity) {
  const Key authority_key(EVP_EC_gen("P-256"));
  const Key key(EVP_EC_gen("P-256"));
  check(authority_key && key, "key");

  const Certificate authority = draft("Authority of a test", 1, authority_key.get(), Validity::valid);
  add_extension(authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(authority.get(), authority.get(), authority_key.get());

  const Certificate certificate = draft("Server of a test", 2, key.get(), validity);
  add_extension(certificate.get(), NID_subject_alt_name, std::string(names));
  sign(certificate.get(), authority.get(), authority_key.get());

  return {.authority = write(folder.path("authority.pem"), authority.get()),
          .certificate = write(folder.path("certificate.pem"), certificate.get()),
          .key = write(folder.path("key.pem"), key.get())};
}

}  // namespace penstock::testing
