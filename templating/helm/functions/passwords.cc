// Hashed and derived passwords.

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/functions/bcrypt.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/random.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

constexpr int kCost = 10;

// An error is the result.
std::string Hashed(Call& call, std::string_view password) {
  if (password.size() > kBcryptBytesMax) {
    return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes";
  }
  std::array<std::byte, 16> salt;
  if (TakesTooLong(call) || !FillRandom(call, salt)) return "";
  return BcryptHash(password, salt, kCost);
}

Value Bcrypt(Call& call) { return call.New(Hashed(call, call.Text(0))); }

Value Htpasswd(Call& call) {
  const std::string user(call.Text(0));
  if (user.find(':') != std::string::npos) return call.New("invalid username: " + user);
  return call.New(user + ":" + Hashed(call, call.Text(1)));
}

// The "master password" algorithm (Billemont, 2012). What the letters of its templates stand for:
std::string_view Characters(char letter) {
  switch (letter) {
    case 'V':
      return "AEIOU";
    case 'C':
      return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v':
      return "aeiou";
    case 'c':
      return "bcdfghjklmnpqrstvwxyz";
    case 'a':
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n':
      return "0123456789";
    case 'o':
      return "@&%?,=[]_:-+*$#!'^~;()/.";
    default:
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
  }
}

using Templates = std::vector<std::string_view>;
const Templates* TemplatesFor(std::string_view kind) {
  static const std::map<std::string_view, Templates> kTemplates = {
      {"maximum", {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"}},
      {"long",
       {"CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
        "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
        "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
        "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
        "CvccCvcvCvccno"}},
      {"medium", {"CvcnoCvc", "CvcCvcno"}},
      {"short", {"Cvcn"}},
      {"basic", {"aaanaaan", "aannaaan", "aaannaaa"}},
      {"pin", {"nnnn"}},
  };
  const auto found = kTemplates.find(kind);
  return found == kTemplates.end() ? nullptr : &found->second;
}

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

// The name of what is derived, then texts with their lengths.
std::string Labelled(std::string_view text) {
  std::string bytes = "com.lyndir.masterpassword";
  bytes += BigEndian(static_cast<uint32_t>(text.size()));
  bytes += text;
  return bytes;
}

Value DerivePassword(Call& call) {
  constexpr uint64_t kN = 32768, kR = 8, kP = 2, kMemoryMax = 64 * 1024 * 1024;
  const Templates* templates = TemplatesFor(call.Text(1));
  if (!templates) {
    return call.New("cannot find password template " + std::string(call.Text(1)));
  }
  if (TakesTooLong(call)) return {};
  const std::string_view password = call.Text(2);
  const std::string salt = Labelled(call.Text(3));
  std::array<unsigned char, 64> key;
  if (EVP_PBE_scrypt(password.data() ? password.data() : "", password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), kN, kR, kP,
                     kMemoryMax, key.data(), key.size()) != 1) {
    return call.Fail("scrypt is not available");
  }
  const std::string message =
      Labelled(call.Text(4)) + BigEndian(static_cast<uint32_t>(call.Int(0)));
  std::array<unsigned char, 32> seed;
  unsigned int size = seed.size();
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(message.data()), message.size(), seed.data(),
            &size)) {
    return call.Fail("HMAC is not available");
  }
  std::string derived;
  for (const char letter : (*templates)[seed[0] % templates->size()]) {
    const std::string_view characters = Characters(letter);
    derived += characters[seed[derived.size() + 1] % characters.size()];
  }
  return call.New(derived);
}

constexpr Type kText = Type::kString;
constexpr Function kFunctions[] = {
    {"bcrypt", {kText}, Bcrypt},
    {"htpasswd", {kText, kText}, Htpasswd},
    {"derivePassword", {Type::kUint32, kText, kText, kText, kText}, DerivePassword},
};

}  // namespace

void AddPasswords(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
