#include "templating/helm/functions/bcrypt.h"

#include <span>

#include "templating/helm/functions/blowfish.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kEncrypted = "OrpheanBeholderScryDoubt";
constexpr size_t kWords = kEncrypted.size() / 4;
constexpr size_t kShownBytes = 23;  // the last one is left out, by tradition
constexpr int kEncryptions = 64;

// Base64 with an alphabet of its own, and no padding.
std::string Encode(std::span<const std::byte> bytes) {
  static constexpr char kAlphabet[] =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  uint32_t pending = 0;
  int count = 0;
  for (const std::byte byte : bytes) {
    pending = (pending << 8) | static_cast<uint32_t>(byte);
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[(pending >> (count - 6)) & 63];
  }
  if (count > 0) text += kAlphabet[(pending << (6 - count)) & 63];
  return text;
}

Blowfish Expensive(std::string_view password, std::span<const std::byte> salt, int cost) {
  std::string with_end(password);
  with_end += '\0';
  const auto key = std::as_bytes(std::span(with_end));
  Blowfish cipher;
  cipher.Expand(key, salt);
  for (uint64_t left = uint64_t{1} << cost; left > 0; --left) {
    cipher.Expand(key, {});
    cipher.Expand(salt, {});
  }
  return cipher;
}

}  // namespace

std::string BcryptHash(std::string_view password, const std::array<std::byte, 16>& salt, int cost) {
  const Blowfish cipher = Expensive(password, salt, cost);
  std::array<uint32_t, kWords> words = {};
  for (size_t i = 0; i < kEncrypted.size(); ++i) {
    words[i / 4] = (words[i / 4] << 8) | static_cast<unsigned char>(kEncrypted[i]);
  }
  for (size_t i = 0; i < kWords; i += 2) {
    for (int j = 0; j < kEncryptions; ++j) cipher.Encrypt(&words[i], &words[i + 1]);
  }
  std::array<std::byte, kWords * 4> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(words[i / 4] >> (24 - 8 * (i % 4)));
  }
  return "$2a$" + std::string(cost < 10 ? "0" : "") + std::to_string(cost) + "$" + Encode(salt) +
         Encode(std::span(bytes).first(kShownBytes));
}

}  // namespace headgate::templating::helm
