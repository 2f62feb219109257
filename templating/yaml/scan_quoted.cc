#include <fmt/format.h>

#include "templating/yaml/scanner.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating::yaml {
namespace {

constexpr const char* kUnfinished = "the quote that ends this text expected, {} found";

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What a letter behind a backslash stands for; nullptr where it stands for nothing of its own.
const char* Unescape(char c) {
  switch (c) {
    case 'a':
      return "\a";
    case 'b':
      return "\b";
    case 't':
    case '\t':
      return "\t";
    case 'n':
      return "\n";
    case 'v':
      return "\v";
    case 'f':
      return "\f";
    case 'r':
      return "\r";
    case 'e':
      return "\x1B";
    case ' ':
      return " ";
    case '"':
      return "\"";
    case '\'':
      return "'";
    case '\\':
      return "\\";
    case 'N':
      return "\xC2\x85";
    case '_':
      return "\xC2\xA0";
    case 'L':
      return "\xE2\x80\xA8";
    case 'P':
      return "\xE2\x80\xA9";
    default:
      return nullptr;
  }
}

size_t DigitsBehind(char c) { return c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0; }

}  // namespace

bool Scanner::ScanQuoted(Scalar* scalar) {
  const Spot start = spot();
  const char quote = *at_++;
  scalar->style = quote == '\'' ? Style::kSingleQuoted : Style::kDoubleQuoted;
  scalar->past_break = false;
  // Most stand on one line and have nothing to be undone.
  const char* from = at_;
  const char* at = at_;
  while (*at != quote && *at != '\\' && !Is(*at, kBreak | kMaybeBreak | kEnd)) ++at;
  if (quote == '\'') {
    while (*at != quote && !Is(*at, kBreak | kMaybeBreak | kEnd)) ++at;
  }
  if (*at == quote && at + 1 != end_ && (quote == '"' || at[1] != quote)) {
    scalar->text = {from, static_cast<size_t>(at - from)};
    at_ = at + 1;
    return true;
  }
  return ScanQuotedSlowly(start, static_cast<size_t>(at - from), scalar);
}

// `plain_bytes`: of the text that need no change.
bool Scanner::ScanQuotedSlowly(const Spot& start, size_t plain_bytes, Scalar* scalar) {
  const char quote = *start.at;
  std::string& text = scratch_;
  text.assign(at_, plain_bytes);
  at_ += plain_bytes;
  size_t solid = text.find_last_not_of(" \t") + 1;  // blanks behind it vanish before a line break
  while (true) {
    if (AtDocumentMarker()) {
      return Complain(start, fmt::format(kUnfinished, "a document marker"));
    }
    if (at_ == end_) return Complain(start, fmt::format(kUnfinished, "the end of the text"));
    const char c = *at_;
    if (c == quote) {
      ++at_;
      if (quote == '"' || at_ == end_ || *at_ != quote) break;
      text += *at_++;
      solid = text.size();
    } else if (c == '\\' && quote == '"') {
      if (BreakLength(at_ + 1) != 0) {
        ++at_;
        PassBreak(BreakLength(at_));
        FoldQuoted(true, &text);
      } else if (!ScanEscape(start, &text)) {
        return false;
      }
      solid = text.size();
    } else if (BreakLength(at_) != 0) {
      text.resize(solid);
      FoldQuoted(false, &text);
      solid = text.size();
    } else {
      text += c;
      ++at_;
      if (!Is(c, kBlank)) solid = text.size();
    }
  }
  scalar->text = arena_->Copy(text);
  return true;
}

// At a line break, or behind one that was escaped: passes blanks and empty lines.
void Scanner::FoldQuoted(bool escaped_break, std::string* text) {
  std::string breaks;
  while (at_ != end_) {
    if (Is(*at_, kBlank)) {
      ++at_;
    } else if (BreakLength(at_) != 0) {
      TakeBreak(&breaks);
    } else {
      break;
    }
  }
  if (escaped_break) {
    *text += breaks;
  } else if (breaks == "\n") {
    *text += ' ';
  } else {
    text->append(breaks, breaks[0] == '\n' ? 1 : 0);
  }
}

bool Scanner::ScanEscape(const Spot& start, std::string* text) {
  const Spot here = spot();
  ++at_;
  if (at_ == end_) return Complain(start, fmt::format(kUnfinished, "the end of the text"));
  const char letter = *at_++;
  if (letter == '0') {
    *text += '\0';
    return true;
  }
  if (const char* bytes = Unescape(letter)) {
    *text += bytes;
    return true;
  }
  const size_t digits = DigitsBehind(letter);
  if (digits == 0) {
    return Complain(here, fmt::format("an escape that YAML knows expected, \"\\{}\" found; a "
                                      "backslash itself is \"\\\\\"",
                                      Is(letter, kEnd) || (letter & 0x80) ? '?' : letter));
  }
  uint32_t rune = 0;
  for (size_t i = 0; i < digits; ++i, ++at_) {
    const int digit = at_ == end_ ? -1 : HexOf(*at_);
    if (digit < 0) {
      return Complain(here,
                      fmt::format("{} hexadecimal digits expected after \"\\{}\"", digits, letter));
    }
    rune = (rune << 4) | static_cast<uint32_t>(digit);
  }
  if ((rune >= 0xD800 && rune < 0xE000) || rune > 0x10FFFF) {
    return Complain(here, fmt::format("a character expected, U+{:04X} is none", rune));
  }
  AppendRune(rune, text);
  return true;
}

}  // namespace headgate::templating::yaml
