#include "templating/yaml/utf8.h"

namespace headgate::templating {
namespace {

// Of a sequence that begins with this byte; 0 where none does.
size_t LengthOf(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

}  // namespace

std::optional<char32_t> TakeRune(std::string_view* text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>((*text)[at]); };
  const size_t length = LengthOf(byte(0));
  char32_t rune = length <= 1 ? byte(0) : byte(0) & (0xFFu >> (length + 1));
  bool valid = length != 0 && length <= text->size();
  for (size_t at = 1; valid && at < length; ++at) {
    valid = (byte(at) & 0xC0) == 0x80;
    rune = (rune << 6) | (byte(at) & 0x3Fu);
  }
  if (length == 3) valid = valid && rune >= 0x800 && !(rune >= 0xD800 && rune < 0xE000);
  if (length == 4) valid = valid && rune >= 0x10000 && rune <= 0x10FFFF;
  text->remove_prefix(valid ? length : 1);
  return valid ? std::optional(rune) : std::nullopt;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    if (!TakeRune(&text)) return false;
  }
  return true;
}

void AppendRune(char32_t c, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else {
    if (c < 0x10000) {
      put(0xE0 | (c >> 12));
    } else {
      put(0xF0 | (c >> 18));
      put(0x80 | ((c >> 12) & 0x3F));
    }
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace headgate::templating
