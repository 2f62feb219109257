#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

#include "templating/helm/functions/openssl.h"

namespace headgate::templating::helm {

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;

Key NewRsaKey(int bits);
Key NewDsaKey();    // 2048 bits
Key NewEcdsaKey();  // P-256
Key NewEd25519Key();

// A private key in PEM: of its own form where it has one ("RSA PRIVATE KEY"), else PKCS #8.
std::string ShowKey(EVP_PKEY* key);
// nullptr where it is none; `error` says why, as sprig does.
Key ParseKey(std::string_view pem, std::string* error);

// The first block of a PEM text; no type where there is none.
struct PemBlock {
  std::string type, bytes;
};
PemBlock ReadPem(std::string_view text);
std::string ShowPem(std::string_view type, std::string_view bytes);

}  // namespace headgate::templating::helm
