#include "templating/helm/functions/keys.h"

#include <openssl/bio.h>
#include <openssl/dsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace headgate::templating::helm {
namespace {

using Bio = Handle<BIO, BIO_free>;

std::string Written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

Key Decoded(int type, std::string_view bytes) {
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  Key key(d2i_PrivateKey(type, nullptr, &from, static_cast<long>(bytes.size())));
  ERR_clear_error();
  return key;
}

Key DecodedPkcs8(std::string_view bytes) {
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  const Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &from, static_cast<long>(bytes.size())));
  Key key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  ERR_clear_error();
  return key;
}

}  // namespace

Key NewRsaKey(int bits) { return Key(EVP_RSA_gen(static_cast<unsigned int>(bits))); }
Key NewEcdsaKey() { return Key(EVP_EC_gen("P-256")); }
Key NewEd25519Key() { return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

Key NewDsaKey() {
  using Work = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
  const Work work(EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, nullptr));
  EVP_PKEY* parameters = nullptr;
  if (!work || EVP_PKEY_paramgen_init(work.get()) != 1 ||
      EVP_PKEY_CTX_set_dsa_paramgen_bits(work.get(), 2048) != 1 ||
      EVP_PKEY_CTX_set_dsa_paramgen_q_bits(work.get(), 256) != 1 ||
      EVP_PKEY_paramgen(work.get(), &parameters) != 1) {
    return nullptr;
  }
  const Key owner(parameters);
  const Work with(EVP_PKEY_CTX_new(parameters, nullptr));
  EVP_PKEY* key = nullptr;
  if (!with || EVP_PKEY_keygen_init(with.get()) != 1) return nullptr;
  return EVP_PKEY_keygen(with.get(), &key) == 1 ? Key(key) : nullptr;
}

std::string ShowKey(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  const int type = EVP_PKEY_get_base_id(key);
  if (type == EVP_PKEY_RSA || type == EVP_PKEY_EC || type == EVP_PKEY_DSA) {
    PEM_write_bio_PrivateKey_traditional(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  } else {
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  }
  return Written(bio.get());
}

PemBlock ReadPem(std::string_view text) {
  const Bio bio(BIO_new_mem_buf(text.data() ? text.data() : "", static_cast<int>(text.size())));
  char *type = nullptr, *header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  PemBlock block;
  if (PEM_read_bio(bio.get(), &type, &header, &bytes, &size) == 1) {
    block.type = type;
    block.bytes.assign(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  }
  ERR_clear_error();
  OPENSSL_free(type);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  return block;
}

std::string ShowPem(std::string_view type, std::string_view bytes) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), std::string(type).c_str(), "",
                reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<long>(bytes.size()));
  return Written(bio.get());
}

Key ParseKey(std::string_view pem, std::string* error) {
  struct Form {
    const char* type;
    int id;
    const char* failure;
  };
  static constexpr Form kForms[] = {
      {"RSA PRIVATE KEY", EVP_PKEY_RSA, "parsing RSA private key from PEM"},
      {"EC PRIVATE KEY", EVP_PKEY_EC, "parsing EC private key from PEM"},
      {"DSA PRIVATE KEY", EVP_PKEY_DSA, "parsing DSA private key from PEM"},
  };
  const PemBlock block = ReadPem(pem);
  Key key;
  if (block.type.empty()) {
    *error = "no PEM data in input";
  } else if (block.type == "PRIVATE KEY") {
    key = DecodedPkcs8(block.bytes);
    if (!key) *error = "decoding PEM as PKCS#8: asn1: structure error";
  } else if (!block.type.ends_with(" PRIVATE KEY")) {
    *error = "no private key data in PEM block of type " + block.type;
  } else {
    *error = "invalid private key type " + block.type;
    for (const Form& form : kForms) {
      if (block.type != form.type) continue;
      key = Decoded(form.id, block.bytes);
      *error = key ? "" : std::string(form.failure) + ": asn1: structure error";
    }
  }
  return key;
}

}  // namespace headgate::templating::helm
