#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace headgate::templating::helm {

inline constexpr size_t kBlowfishRoundKeys = 18;
inline constexpr size_t kBlowfishWords = kBlowfishRoundKeys + 4 * 256;
extern const std::array<uint32_t, kBlowfishWords> kPiFraction;  // 32 bits each

// The cipher (Schneier, 1993), as bcrypt uses it.
class Blowfish {
 public:
  // Mixes in a key, and a salt of whole words; both are repeated as often as needed. An empty salt
  // is one of zeros.
  void Expand(std::span<const std::byte> key, std::span<const std::byte> salt);
  void Encrypt(uint32_t* left, uint32_t* right) const;

 private:
  // The keys of the rounds, then four tables of 256.
  std::array<uint32_t, kBlowfishWords> words_ = kPiFraction;
};

}  // namespace headgate::templating::helm
