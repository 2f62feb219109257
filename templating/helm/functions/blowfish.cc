#include "templating/helm/functions/blowfish.h"

#include <utility>

namespace headgate::templating::helm {
namespace {

// The next 32 bits of bytes that begin again at their end.
uint32_t Next(std::span<const std::byte> bytes, size_t* at) {
  if (bytes.empty()) return 0;
  uint32_t word = 0;
  for (int i = 0; i < 4; ++i) {
    word = (word << 8) | static_cast<uint32_t>(bytes[*at]);
    *at = (*at + 1) % bytes.size();
  }
  return word;
}

}  // namespace

void Blowfish::Encrypt(uint32_t* left, uint32_t* right) const {
  const uint32_t* const tables = words_.data() + kBlowfishRoundKeys;
  uint32_t l = *left, r = *right;
  for (size_t round = 0; round < 16; ++round) {
    l ^= words_[round];
    const uint32_t mixed =
        ((tables[l >> 24] + tables[256 + ((l >> 16) & 0xff)]) ^ tables[512 + ((l >> 8) & 0xff)]) +
        tables[768 + (l & 0xff)];
    r ^= mixed;
    std::swap(l, r);
  }
  *left = r ^ words_[17];
  *right = l ^ words_[16];
}

void Blowfish::Expand(std::span<const std::byte> key, std::span<const std::byte> salt) {
  size_t at = 0;
  for (size_t i = 0; i < kBlowfishRoundKeys; ++i) words_[i] ^= Next(key, &at);
  at = 0;
  uint32_t left = 0, right = 0;
  for (size_t i = 0; i < words_.size(); i += 2) {
    left ^= Next(salt, &at);
    right ^= Next(salt, &at);
    Encrypt(&left, &right);
    words_[i] = left;
    words_[i + 1] = right;
  }
}

}  // namespace headgate::templating::helm
