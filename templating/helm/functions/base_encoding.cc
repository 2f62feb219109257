#include "templating/helm/functions/base_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr uint8_t kNoDigit = 0xff;

constexpr std::array<uint8_t, 256> Digits(std::string_view alphabet) {
  std::array<uint8_t, 256> digits{};
  for (uint8_t& digit : digits) digit = kNoDigit;
  for (size_t i = 0; i < alphabet.size(); ++i) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<uint8_t>(i);
  }
  return digits;
}
constexpr std::array<uint8_t, 256> kDigits64 = Digits(kBase64);
constexpr std::array<uint8_t, 256> kDigits32 = Digits(kBase32);

// `group` digits of `bits` bits each stand for a whole number of bytes.
std::string Encode(std::string_view bytes, std::string_view alphabet, int bits, size_t group) {
  std::string text;
  text.reserve((bytes.size() * 8 / static_cast<size_t>(bits) / group + 1) * group);
  uint32_t pending = 0;
  int count = 0;
  for (const char c : bytes) {
    pending = (pending << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= bits) {
      count -= bits;
      text += alphabet[(pending >> count) & ((1u << bits) - 1)];
    }
  }
  if (count > 0) text += alphabet[(pending << (bits - count)) & ((1u << bits) - 1)];
  while (text.size() % group != 0) text += '=';
  return text;
}

// Collects digits, gives bytes.
class Collector {
 public:
  explicit Collector(int bits) : bits_(bits) {}
  void Add(uint8_t digit) {
    pending_ = (pending_ << bits_) | digit;
    count_ += bits_;
    if (count_ < 8) return;
    count_ -= 8;
    bytes += static_cast<char>((pending_ >> count_) & 0xff);
  }

  std::string bytes;

 private:
  int bits_;
  uint32_t pending_ = 0;
  int count_ = 0;
};

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

size_t SkipLineEnds(std::string_view text, size_t at) {
  while (at < text.size() && IsLineEnd(text[at])) ++at;
  return at;
}

// From the first '=' on, behind some digits of a group.
std::variant<std::monostate, size_t> CheckPadding64(std::string_view text, size_t at,
                                                    size_t digits) {
  if (digits < 2) return at;
  ++at;
  if (digits == 2) {
    at = SkipLineEnds(text, at);
    if (at == text.size()) return text.size();
    if (text[at] != '=') return at - 1;
    ++at;
  }
  at = SkipLineEnds(text, at);
  if (at < text.size()) return at;
  return std::monostate();
}

}  // namespace

std::string EncodeBase64(std::string_view bytes) { return Encode(bytes, kBase64, 6, 4); }
std::string EncodeBase32(std::string_view bytes) { return Encode(bytes, kBase32, 5, 8); }

Decoded DecodeBase64(std::string_view text) {
  Collector collector(6);
  collector.bytes.reserve(text.size() / 4 * 3);
  size_t digits = 0;  // of the group so far
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t digit = kDigits64[static_cast<unsigned char>(text[i])];
    if (digit != kNoDigit) {
      collector.Add(digit);
      digits = (digits + 1) % 4;
    } else if (text[i] == '=') {
      const auto fault = CheckPadding64(text, i, digits);
      if (const size_t* at = std::get_if<size_t>(&fault)) return *at;
      return std::move(collector.bytes);
    } else if (!IsLineEnd(text[i])) {
      return i;
    }
  }
  if (digits != 0) return text.size() - digits;
  return std::move(collector.bytes);
}

Decoded DecodeBase32(std::string_view lines) {
  std::string text(lines);
  text.erase(std::remove_if(text.begin(), text.end(), IsLineEnd), text.end());
  Collector collector(5);
  size_t digits = 0;  // of the group so far
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t left = text.size() - i - 1;
    if (text[i] == '=' && digits >= 2 && left < 8) {
      if (left + digits < 7) return text.size();
      for (size_t k = 0; k < 7 - digits; ++k) {
        if (left > k && text[i + 1 + k] != '=') return i + k;
      }
      if (digits == 3 || digits == 6) return i;
      return std::move(collector.bytes);
    }
    const uint8_t digit = kDigits32[static_cast<unsigned char>(text[i])];
    if (digit == kNoDigit) return i;
    collector.Add(digit);
    digits = (digits + 1) % 8;
  }
  if (digits != 0) return text.size() - digits;
  return std::move(collector.bytes);
}

}  // namespace headgate::templating::helm
