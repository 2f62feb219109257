// Keys and certificates, made by OpenSSL as Go's crypto/x509 would make them. Their randomness is
// OpenSSL's own: a render's source of random bytes does not make them repeatable.

#include <arpa/inet.h>

#include <array>
#include <chrono>
#include <string>

#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/functions/certificate.h"
#include "templating/helm/functions/clock.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/keys.h"
#include "templating/helm/functions/random.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

constexpr int kRsaBits = 2048;
constexpr int kLargeRsaBits = 4096;

Value GenPrivateKey(Call& call) {
  call.context().varied = true;
  const std::string_view type = call.Text(0);
  if (TakesTooLong(call)) return {};
  Key key;
  if (type.empty() || type == "rsa") {
    key = NewRsaKey(kLargeRsaBits);
  } else if (type == "dsa") {
    key = NewDsaKey();
  } else if (type == "ecdsa") {
    key = NewEcdsaKey();
  } else if (type == "ed25519") {
    key = NewEd25519Key();
  } else {
    return call.New("Unknown type " + std::string(type));
  }
  return key ? call.New(ShowKey(key.get())) : call.Fail("failed to generate private key");
}

// sprig's certificate: a struct of two texts.
Value NewCertificate(Call& call, std::string_view cert, std::string_view key) {
  static constexpr std::string_view kNames[] = {"Cert", "Key"};
  const std::span<Value> values = call.heap()->NewList(2);
  values[0] = call.New(cert);
  values[1] = call.New(key);
  auto* fields = static_cast<Field*>(call.heap()->Allocate(2 * sizeof(Field)));
  for (size_t i = 0; i < 2; ++i) new (fields + i) Field{kNames[i], true, &values[i]};
  return Value::Of(call.heap()->New<Struct>(Struct{{fields, 2}}), Type::kCertificate);
}

std::string_view FieldOf(const Value& certificate, size_t index) {
  return certificate.fields()->fields[index].value->text();
}

// A list of texts; what is none fails the call.
bool Texts(Call& call, const Value& list, const char* what, std::vector<std::string>* texts) {
  for (size_t i = 0; i < list.size(); ++i) {
    const Value item = Item(list, i);
    if (!item.is_string()) {
      call.Fail("error " + std::string(what) + ": " + std::string(ShowPlain(call, item)) +
                " is not a string");
      return false;
    }
    texts->emplace_back(item.text());
  }
  return true;
}

bool Address(const std::string& text, std::string* bytes) {
  std::array<char, 16> address;
  for (const int family : {AF_INET, AF_INET6}) {
    if (text.find('\0') != std::string::npos ||
        inet_pton(family, text.c_str(), address.data()) != 1)
      continue;
    static constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    std::string_view all(address.data(), family == AF_INET ? 4 : 16);
    if (all.starts_with(kMapped) && all.size() == 16) all.remove_prefix(kMapped.size());
    *bytes = all;
    return true;
  }
  return false;
}

// What all have in common; a failed call where something is wrong.
CertificateRequest Request(Call& call, size_t days, const Value& addresses, const Value& names) {
  CertificateRequest request;
  request.common_name = call.Text(0);
  std::vector<std::string> texts;
  if (!Texts(call, addresses, "parsing ip", &texts)) return request;
  for (const std::string& text : texts) {
    if (!Address(text, &request.addresses.emplace_back())) {
      call.Fail("error parsing ip: " + text);
      return request;
    }
  }
  if (!Texts(call, names, "processing alternate dns name", &request.names)) return request;
  request.serial.resize(16);
  FillRandom(call, std::as_writable_bytes(std::span(request.serial)));
  const Moment now = Now(call);
  // Nanoseconds in an int64, as there: beyond 292 years they wrap around.
  const auto valid =
      static_cast<int64_t>(static_cast<uint64_t>(call.Int(days)) * uint64_t{86400'000'000'000});
  request.not_before = now.seconds;
  request.not_after = now.Plus(valid).seconds;
  return request;
}

Value Made(Call& call, const CertificateRequest& request, EVP_PKEY* key, X509* signer,
           EVP_PKEY* signer_key) {
  std::string error;
  const X509Handle made = MakeCertificate(request, key, signer, signer_key, &error);
  if (!made) return call.Fail("error creating certificate: " + error);
  return NewCertificate(call, ShowCertificate(made.get()), ShowKey(key));
}

// The key of the certificate: a new one, or that of an argument.
Key KeyFor(Call& call, size_t argument) {
  if (TakesTooLong(call)) return nullptr;
  if (argument == call.size()) return NewRsaKey(kRsaBits);
  std::string error;
  Key key = ParseKey(call.Text(argument), &error);
  if (!key) call.Fail("parsing private key: " + error);
  return key;
}

// (name, days[, key])
Value GenCa(Call& call) {
  const Key key = KeyFor(call, 2);
  if (!key) return {};
  CertificateRequest request = Request(call, 1, {}, {});
  if (call.failed()) return {};
  request.authority = true;
  return Made(call, request, key.get(), nullptr, key.get());
}

// (name, addresses, names, days[, key])
Value GenSelfSigned(Call& call) {
  const Key key = KeyFor(call, 4);
  if (!key) return {};
  const CertificateRequest request = Request(call, 3, call[1], call[2]);
  if (call.failed()) return {};
  return Made(call, request, key.get(), nullptr, key.get());
}

// (name, addresses, names, days, authority[, key])
Value GenSigned(Call& call) {
  const Key key = KeyFor(call, 5);
  if (!key) return {};
  const PemBlock block = ReadPem(FieldOf(call[4], 0));
  if (block.type.empty()) return call.Fail("unable to decode certificate");
  const X509Handle signer = ParseCertificate(block.bytes);
  if (!signer) {
    return call.Fail(
        "error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate");
  }
  std::string error;
  const Key signer_key = ParseKey(FieldOf(call[4], 1), &error);
  if (!signer_key) return call.Fail("error parsing private key: " + error);
  const CertificateRequest request = Request(call, 3, call[1], call[2]);
  if (call.failed()) return {};
  return Made(call, request, key.get(), signer.get(), signer_key.get());
}

// (certificate, key), both in Base64
Value BuildCustom(Call& call) {
  const Decoded cert = DecodeBase64(call.Text(0)), key = DecodeBase64(call.Text(1));
  const auto* cert_text = std::get_if<std::string>(&cert);
  const auto* key_text = std::get_if<std::string>(&key);
  if (!cert_text) return call.Fail("unable to decode base64 certificate");
  if (!key_text) return call.Fail("unable to decode base64 private key");
  const PemBlock block = ReadPem(*cert_text);
  if (block.type.empty()) return call.Fail("unable to decode certificate");
  if (!ParseCertificate(block.bytes)) {
    return call.Fail("error parsing certificate: decodedCert.Bytes: x509: malformed certificate");
  }
  std::string error;
  if (!ParseKey(*key_text, &error)) return call.Fail("error parsing private key: " + error);
  return NewCertificate(call, *cert_text, *key_text);
}

constexpr Type kText = Type::kString, kInt = Type::kInt, kList = Type::kList,
               kCert = Type::kCertificate;
constexpr Function kFunctions[] = {
    {"genPrivateKey", {kText}, GenPrivateKey},
    {"buildCustomCert", {kText, kText}, BuildCustom},
    {"genCA", {kText, kInt}, GenCa},
    {"genCAWithKey", {kText, kInt, kText}, GenCa},
    {"genSelfSignedCert", {kText, kList, kList, kInt}, GenSelfSigned},
    {"genSelfSignedCertWithKey", {kText, kList, kList, kInt, kText}, GenSelfSigned},
    {"genSignedCert", {kText, kList, kList, kInt, kCert}, GenSigned},
    {"genSignedCertWithKey", {kText, kList, kList, kInt, kCert, kText}, GenSigned},
};

}  // namespace

void AddCertificates(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
