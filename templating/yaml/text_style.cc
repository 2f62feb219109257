#include <algorithm>
#include <array>
#include <cstdint>

#include "templating/yaml/text_writer.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating::yaml {
namespace {

enum : uint8_t { kPlainByte = 0, kSpace = 1, kSyntax = 2, kCloser = 4 };

// What one byte means for the style.
constexpr std::array<uint8_t, 256> MakeBytes() {
  std::array<uint8_t, 256> bytes{};
  for (size_t c = 0; c < 256; ++c) {
    const bool printable = c > 0x20 && c < 0x7F;
    bytes[c] = printable ? kPlainByte : kCloser;
  }
  bytes[' '] = kSpace;
  bytes[':'] = bytes['#'] = kSyntax;
  return bytes;
}
constexpr std::array<uint8_t, 256> kBytes = MakeBytes();

bool IsBreak(char32_t c) {
  return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}
bool IsBlank(char32_t c) { return c == ' ' || c == '\t'; }
// As the reference has it: everything above U+FFFF is.
bool IsPrintable(char32_t c) {
  return c == '\n' || (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

struct Indicators {
  bool block = false, flow = false;
  void Both() { block = flow = true; }
};

// `next_blank`: what follows is a blank, or nothing.
void LookAtFirst(std::string_view text, bool next_blank, Indicators* seen) {
  const char c = text[0];
  if (IsOneOf(c, "#,[]{}&*!|>'\"%@`")) seen->Both();
  if (c == '?' || c == ':') {
    seen->flow = true;
    seen->block |= next_blank;
  }
  if (c == '-' && next_blank) seen->Both();
}

Indicators IndicatorsOf(std::string_view text) {
  Indicators seen;
  if (text.starts_with("---") || text.starts_with("...")) seen.Both();
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool next_blank =
        at + 1 == text.size() || IsBlank(static_cast<unsigned char>(text[at + 1]));
    if (at == 0) {
      LookAtFirst(text, next_blank, &seen);
      continue;
    }
    if (IsOneOf(c, ",?[]{}")) seen.flow = true;
    if (c == ':') {
      seen.flow = true;
      seen.block |= next_blank;
    }
    if (c == '#') {
      // The line breaks beyond ASCII end with these bytes.
      const std::string_view before = text.substr(0, at);
      if (IsOneOf(before.back(), " \t\r\n") || before.back() == '\0' ||
          before.ends_with("\xC2\x85") || before.ends_with("\xE2\x80\xA8") ||
          before.ends_with("\xE2\x80\xA9")) {
        seen.Both();
      }
    }
  }
  return seen;
}

}  // namespace

bool IsPlainWord(std::string_view text) {
  if (text.empty()) return false;
  uint8_t seen = 0;
  for (char c : text) seen |= kBytes[static_cast<unsigned char>(c)];
  if (seen != kPlainByte) return false;
  return !IsOneOf(text[0], ",[]{}&*!|>'\"%@`?-.");
}

TextStyles StylesOf(std::string_view text, bool tabs_in_blocks) {
  TextStyles styles;
  if (text.empty()) {
    styles.flow_plain = styles.block = false;
    return styles;
  }
  bool special = false, tabs = false, space_break = false, break_space = false;
  char32_t before = 0, last = 0;
  for (std::string_view rest = text; !rest.empty(); before = last) {
    last = TakeRune(&rest).value_or(0xFFFD);
    if (last == '\t' && tabs_in_blocks) {
      tabs = true;
    } else if (last <= 0xFFFF && !IsPrintable(last)) {
      special = true;
    }
    if (last > 0xFFFF) special = true;
    if (IsBreak(last)) styles.multiline = true;
    if (last == ' ' && IsBreak(before)) break_space = true;
    if (IsBreak(last) && before == ' ') space_break = true;
  }
  std::string_view start = text;
  const char32_t first = TakeRune(&start).value_or(0xFFFD);
  const bool padded = first == ' ' || last == ' ' || IsBreak(first) || IsBreak(last);
  const Indicators indicators = IndicatorsOf(text);
  styles.single_quoted = !break_space && !space_break && !special && !tabs;
  styles.plain = styles.single_quoted && !padded && !styles.multiline;
  styles.flow_plain = styles.plain && !indicators.flow;
  styles.plain = styles.plain && !indicators.block;
  styles.block = last != ' ' && !space_break && !special;
  return styles;
}

}  // namespace headgate::templating::yaml
