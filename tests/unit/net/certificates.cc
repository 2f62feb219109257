#include "tests/unit/net/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace headgate::test {
namespace {

template <class Write>
std::string ToPem(Write write) {
  BIO* memory = BIO_new(BIO_s_mem());
  write(memory);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  std::string pem(bytes, static_cast<size_t>(size));
  BIO_free(memory);
  return pem;
}

void Extend(X509* cert, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  X509_add_ext(cert, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* MakeCertificate(const std::string& name, EVP_PKEY* key) {
  static std::atomic<long> serial = 1;
  X509* cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
  X509_set_pubkey(cert, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return cert;
}

}  // namespace

struct Authority::Keys {
  EVP_PKEY* key;
  X509* cert;
};

Authority::Authority(const std::string& name) : keys_(new Keys{EVP_EC_gen("P-256"), nullptr}) {
  keys_->cert = MakeCertificate(name, keys_->key);
  X509_set_issuer_name(keys_->cert, X509_get_subject_name(keys_->cert));
  Extend(keys_->cert, keys_->cert, NID_basic_constraints, "critical,CA:TRUE");
  Extend(keys_->cert, keys_->cert, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(keys_->cert, keys_->key, EVP_sha256());
}

Authority::~Authority() {
  X509_free(keys_->cert);
  EVP_PKEY_free(keys_->key);
}

std::string Authority::ca_pem() const {
  return ToPem([&](BIO* bio) { PEM_write_bio_X509(bio, keys_->cert); });
}

Certificate Authority::Issue(const std::string& common_name) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* cert = MakeCertificate(common_name, key);
  X509_set_issuer_name(cert, X509_get_subject_name(keys_->cert));
  Extend(cert, keys_->cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  X509_sign(cert, keys_->key, EVP_sha256());
  Certificate made{
      ToPem([&](BIO* bio) { PEM_write_bio_X509(bio, cert); }),
      ToPem([&](BIO* bio) {
        PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
      }),
  };
  X509_free(cert);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace headgate::test
