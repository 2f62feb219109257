#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/functions/openssl.h"

namespace headgate::templating::helm {

using X509Handle = Handle<X509, X509_free>;

// A certificate of version 3 as Go's x509.CreateCertificate makes them for sprig.
struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> addresses;  // of 4 or 16 bytes
  std::vector<std::string> names;      // DNS
  bool authority = false;
  std::string serial;                     // 16 bytes
  int64_t not_before = 0, not_after = 0;  // seconds since 1970
};

// Signed by `signer`'s key, or by itself where there is none. nullptr where it cannot be made:
// `error` says why.
X509Handle MakeCertificate(const CertificateRequest& request, EVP_PKEY* key, X509* signer,
                           EVP_PKEY* signer_key, std::string* error);

std::string ShowCertificate(X509* certificate);  // PEM
X509Handle ParseCertificate(std::string_view der);

}  // namespace headgate::templating::helm
