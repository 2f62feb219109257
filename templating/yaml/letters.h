#pragma once

namespace headgate::templating::yaml {

// Letters and decimal digits as Unicode has them, for the order of keys.
bool IsLetterBeyondAscii(char32_t rune);
bool IsDigitBeyondAscii(char32_t rune);

inline bool IsLetter(char32_t rune) {
  if (rune >= 0x80) return IsLetterBeyondAscii(rune);
  return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
}
inline bool IsDigit(char32_t rune) {
  return rune < 0x80 ? rune >= '0' && rune <= '9' : IsDigitBeyondAscii(rune);
}

}  // namespace headgate::templating::yaml
