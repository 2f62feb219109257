#include "templating/helm/functions/certificate.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "templating/helm/functions/keys.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

using Names = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using OctetString = Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

bool IsPrintableString(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    size_t bytes = 0;
    if (TakeRune(&text, &bytes) == kRuneError && bytes == 1) return false;
  }
  return true;
}

// Builds one certificate; each step says whether it worked.
class CertificateBuilder {
 public:
  CertificateBuilder(const CertificateRequest& request, EVP_PKEY* key, std::string* error)
      : request_(request), key_(key), error_(error), made_(X509_new()) {}

  X509Handle Make(X509* signer, EVP_PKEY* signer_key);

 private:
  bool Fail(std::string text) {
    *error_ = std::move(text);
    return false;
  }
  bool Subject();
  bool Validity();
  bool Usage();
  bool KeyIdentifiers(X509* signer);
  bool AlternativeNames();
  bool Add(int nid, void* value, bool critical);
  bool Sign(EVP_PKEY* key);

  const CertificateRequest& request_;
  EVP_PKEY* key_;
  std::string* error_;
  X509Handle made_;
};

bool CertificateBuilder::Add(int nid, void* value, bool critical) {
  return value &&
         X509_add1_ext_i2d(made_.get(), nid, value, critical ? 1 : 0, X509V3_ADD_APPEND) == 1;
}

bool CertificateBuilder::Subject() {
  const std::string& name = request_.common_name;
  if (name.empty()) return true;
  if (!IsUtf8(name)) return Fail("asn1: string not valid UTF-8");
  const int type = IsPrintableString(name) ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(made_.get()), NID_commonName, type,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

bool CertificateBuilder::Validity() {
  const auto set = [](ASN1_TIME* to, int64_t seconds) {
    return ASN1_TIME_set(to, static_cast<time_t>(seconds)) != nullptr;
  };
  if (set(X509_getm_notBefore(made_.get()), request_.not_before) &&
      set(X509_getm_notAfter(made_.get()), request_.not_after)) {
    return true;
  }
  return Fail("asn1: structure error: cannot represent time as GeneralizedTime");
}

bool CertificateBuilder::Usage() {
  const Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free> usage(ASN1_BIT_STRING_new());
  for (const int bit : {0, 2, 5}) {  // signatures, keys, certificates
    if (bit == 5 && !request_.authority) continue;
    ASN1_BIT_STRING_set_bit(usage.get(), bit, 1);
  }
  const Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> extended(EXTENDED_KEY_USAGE_new());
  for (const int nid : {NID_server_auth, NID_client_auth}) {
    sk_ASN1_OBJECT_push(extended.get(), OBJ_nid2obj(nid));
  }
  const Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(BASIC_CONSTRAINTS_new());
  constraints->ca = request_.authority ? 0xff : 0;
  return Add(NID_key_usage, usage.get(), true) && Add(NID_ext_key_usage, extended.get(), false) &&
         Add(NID_basic_constraints, constraints.get(), true);
}

// RFC 7093: the first 20 bytes of the key's SHA-256. The signer's is named where its subject is
// another.
bool CertificateBuilder::KeyIdentifiers(X509* signer) {
  constexpr int kBytes = 20;
  if (request_.authority) {
    const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(made_.get());
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    if (EVP_Digest(ASN1_STRING_get0_data(bits), static_cast<size_t>(ASN1_STRING_length(bits)),
                   digest.data(), &size, EVP_sha256(), nullptr) != 1) {
      return Fail("SHA-256 is not available");
    }
    const OctetString id(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(id.get(), digest.data(), kBytes);
    if (!Add(NID_subject_key_identifier, id.get(), false)) return false;
  }
  const ASN1_OCTET_STRING* signer_id = signer ? X509_get0_subject_key_id(signer) : nullptr;
  if (!signer_id || ASN1_STRING_length(signer_id) == 0 ||
      X509_NAME_cmp(X509_get_subject_name(signer), X509_get_subject_name(made_.get())) == 0) {
    return true;
  }
  const Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority(AUTHORITY_KEYID_new());
  authority->keyid = ASN1_OCTET_STRING_dup(signer_id);
  return Add(NID_authority_key_identifier, authority.get(), false);
}

bool CertificateBuilder::AlternativeNames() {
  if (request_.names.empty() && request_.addresses.empty()) return true;
  const Names names(GENERAL_NAMES_new());
  const auto add = [&names](int type, std::string_view text, ASN1_STRING* value) {
    ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names.get(), name);
  };
  for (const std::string& name : request_.names) {
    const bool ascii =
        std::all_of(name.begin(), name.end(), [](char c) { return (c & 0x80) == 0; });
    if (!ascii) return Fail("x509: " + Quote(name) + " cannot be encoded as an IA5String");
    add(GEN_DNS, name, ASN1_IA5STRING_new());
  }
  for (const std::string& address : request_.addresses) {
    add(GEN_IPADD, address, ASN1_OCTET_STRING_new());
  }
  return Add(NID_subject_alt_name, names.get(), request_.common_name.empty());
}

bool CertificateBuilder::Sign(EVP_PKEY* key) {
  const EVP_MD* digest = EVP_sha256();
  const int type = EVP_PKEY_get_base_id(key);
  if (type == EVP_PKEY_ED25519) {
    digest = nullptr;
  } else if (type == EVP_PKEY_EC) {
    const int bits = EVP_PKEY_get_bits(key);
    digest = bits > 384 ? EVP_sha512() : bits > 256 ? EVP_sha384() : EVP_sha256();
  } else if (type != EVP_PKEY_RSA) {
    return Fail("x509: certificate private key does not implement crypto.Signer");
  }
  return X509_sign(made_.get(), key, digest) > 0;
}

X509Handle CertificateBuilder::Make(X509* signer, EVP_PKEY* signer_key) {
  if (signer && X509_check_private_key(signer, signer_key) != 1) {
    Fail("x509: provided PrivateKey doesn't match parent's PublicKey");
    return nullptr;
  }
  X509* const made = made_.get();
  const Handle<BIGNUM, BN_free> serial(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(request_.serial.data()),
                static_cast<int>(request_.serial.size()), nullptr));
  X509_set_version(made, X509_VERSION_3);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(made));
  const bool done =
      Subject() && Validity() && X509_set_pubkey(made, key_) == 1 &&
      X509_set_issuer_name(made, X509_get_subject_name(signer ? signer : made)) == 1 && Usage() &&
      KeyIdentifiers(signer) && AlternativeNames() && Sign(signer_key);
  return done ? std::move(made_) : nullptr;
}

}  // namespace

X509Handle MakeCertificate(const CertificateRequest& request, EVP_PKEY* key, X509* signer,
                           EVP_PKEY* signer_key, std::string* error) {
  X509Handle made = CertificateBuilder(request, key, error).Make(signer, signer_key);
  if (!made && error->empty()) *error = "OpenSSL refuses it";
  ERR_clear_error();
  return made;
}

std::string ShowCertificate(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return "";
  const std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return ShowPem("CERTIFICATE", bytes);
}

X509Handle ParseCertificate(std::string_view der) {
  const auto* from = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = from + der.size();
  X509Handle certificate(d2i_X509(nullptr, &from, static_cast<long>(der.size())));
  ERR_clear_error();
  return from == end ? std::move(certificate) : nullptr;
}

}  // namespace headgate::templating::helm
