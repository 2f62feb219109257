// AES-256 in CBC mode; the key is the password's first bytes, filled up with zeros.

// The plain functions, as in core/hash.cc.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>

#include <algorithm>
#include <array>
#include <string>

#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/random.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kBlock = AES_BLOCK_SIZE;

// The block that comes before the first is changed to the last one.
void Crypt(std::string_view password, std::string_view in, std::array<unsigned char, kBlock> before,
           bool encrypt, char* out) {
  std::array<unsigned char, 32> bytes = {};
  std::copy_n(password.begin(), std::min(password.size(), bytes.size()), bytes.begin());
  AES_KEY key;
  if (encrypt) {
    AES_set_encrypt_key(bytes.data(), 256, &key);
  } else {
    AES_set_decrypt_key(bytes.data(), 256, &key);
  }
  AES_cbc_encrypt(reinterpret_cast<const unsigned char*>(in.data()),
                  reinterpret_cast<unsigned char*>(out), in.size(), &key, before.data(),
                  encrypt ? AES_ENCRYPT : AES_DECRYPT);
}

Value Encrypt(Call& call) {
  std::string text(call.Text(1));
  if (text.empty()) return Value::Text("");
  if (!call.Fits(text.size() / 3 * 4)) return {};
  const size_t padding = kBlock - text.size() % kBlock;
  text.append(padding, static_cast<char>(padding));
  std::array<unsigned char, kBlock> first;
  if (!FillRandom(call, std::as_writable_bytes(std::span(first)))) return {};
  std::string made(first.begin(), first.end());
  made.resize(kBlock + text.size());
  Crypt(call.Text(0), text, first, true, made.data() + kBlock);
  return call.New(EncodeBase64(made));
}

Value Decrypt(Call& call) {
  const std::string_view text = call.Text(1);
  if (text.empty()) return Value::Text("");
  const Decoded decoded = DecodeBase64(text);
  if (const size_t* at = std::get_if<size_t>(&decoded)) {
    return call.Fail("illegal base64 data at input byte " + std::to_string(*at));
  }
  const std::string_view bytes = std::get<std::string>(decoded);
  if (bytes.size() < kBlock) {
    // Where its buffer is large enough, Go sees only the second cut fail.
    const size_t capacity = text.size() / 4 * 3;
    return call.Fail("runtime error: slice bounds out of range " +
                     (capacity < kBlock ? "[:16] with capacity " + std::to_string(capacity)
                                        : "[16:" + std::to_string(bytes.size()) + "]"));
  }
  const std::string_view blocks = bytes.substr(kBlock);
  if (blocks.size() % kBlock != 0) return call.Fail("crypto/cipher: input not full blocks");
  if (blocks.empty()) return call.Fail("runtime error: index out of range [-1]");
  std::array<unsigned char, kBlock> first;
  std::copy_n(bytes.begin(), kBlock, first.begin());
  std::string made(blocks.size(), '\0');
  Crypt(call.Text(0), blocks, first, false, made.data());
  const auto padding = static_cast<size_t>(static_cast<unsigned char>(made.back()));
  if (padding > made.size()) {
    return call.Fail("runtime error: slice bounds out of range [:-" +
                     std::to_string(padding - made.size()) + "]");
  }
  made.resize(made.size() - padding);
  return call.New(made);
}

constexpr Function kFunctions[] = {
    {"encryptAES", {Type::kString, Type::kString}, Encrypt},
    {"decryptAES", {Type::kString, Type::kString}, Decrypt},
};

}  // namespace

void AddCiphers(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
