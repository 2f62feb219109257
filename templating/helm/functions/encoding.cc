// Base64, Base32, and sums over texts.

// The plain functions, as in core/hash.cc: they start in no time.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <string>

#include "core/hash.h"
#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/functions/functions.h"

namespace headgate::templating::helm {
namespace {

Value Base64Encode(Call& call) {
  if (!call.Fits(call.Text(0).size() / 3 * 4)) return {};
  return call.New(EncodeBase64(call.Text(0)));
}

Value Base32Encode(Call& call) {
  if (!call.Fits(call.Text(0).size() / 5 * 8)) return {};
  return call.New(EncodeBase32(call.Text(0)));
}

// An error is the result.
Value Shown(Call& call, const Decoded& decoded, const char* encoding) {
  if (const size_t* at = std::get_if<size_t>(&decoded)) {
    return call.New("illegal " + std::string(encoding) + " data at input byte " +
                    std::to_string(*at));
  }
  return call.New(std::get<std::string>(decoded));
}

Value Base64Decode(Call& call) { return Shown(call, DecodeBase64(call.Text(0)), "base64"); }
Value Base32Decode(Call& call) { return Shown(call, DecodeBase32(call.Text(0)), "base32"); }

template <size_t N>
std::string Hex(const std::array<unsigned char, N>& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

Value Sha1Sum(Call& call) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, call.Text(0).data(), call.Text(0).size());
  SHA1_Final(digest.data(), &context);
  return call.New(Hex(digest));
}

Value Sha256Sum(Call& call) { return call.New(core::Sha256(call.Text(0))); }

Value Sha512Sum(Call& call) {
  std::array<unsigned char, SHA512_DIGEST_LENGTH> digest{};
  SHA512_CTX context;
  SHA512_Init(&context);
  SHA512_Update(&context, call.Text(0).data(), call.Text(0).size());
  SHA512_Final(digest.data(), &context);
  return call.New(Hex(digest));
}

// Adler-32 (RFC 1950), in decimal.
Value Adler32Sum(Call& call) {
  constexpr uint32_t kPrime = 65521;
  uint32_t a = 1, b = 0;
  for (const char c : call.Text(0)) {
    a = (a + static_cast<unsigned char>(c)) % kPrime;
    b = (b + a) % kPrime;
  }
  return call.New(std::to_string((b << 16) | a));
}

constexpr Function kFunctions[] = {
    {"b64enc", {Type::kString}, Base64Encode}, {"b64dec", {Type::kString}, Base64Decode},
    {"b32enc", {Type::kString}, Base32Encode}, {"b32dec", {Type::kString}, Base32Decode},
    {"sha1sum", {Type::kString}, Sha1Sum},     {"sha256sum", {Type::kString}, Sha256Sum},
    {"sha512sum", {Type::kString}, Sha512Sum}, {"adler32sum", {Type::kString}, Adler32Sum},
};

}  // namespace

void AddEncodings(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
