#include "templating/helm/functions/toml_scan.h"

#include <algorithm>

#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

bool IsBare(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' ||
         c == '-';
}

bool IsHex(char c) {
  return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f') || ('A' <= c && c <= 'F');
}

std::string QuoteRune(char32_t rune) {
  std::string quoted;
  AppendQuotedRune(&quoted, rune);
  return quoted;
}

}  // namespace

size_t TomlScanner::Line() const {
  const size_t end = std::min(at_, text_.size());
  return static_cast<size_t>(
             std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(end), '\n')) +
         1;
}

bool TomlScanner::Fail(std::string text) {
  if (!fault_.empty()) return false;
  fault_ = std::move(text);
  fault_line_ = Line();
  if (at_end() && !text_.empty() && text_.back() == '\n') --fault_line_;
  return false;
}

std::string TomlScanner::Here() const {
  if (at_end()) return "end of file";
  std::string_view rest = text_.substr(at_);
  std::string shown = "'";
  AppendRune(&shown, TakeRune(&rest));
  return shown + "'";
}

// No control characters, and UTF-8, wherever anything may stand.
bool TomlScanner::CheckByte() {
  const auto byte = static_cast<unsigned char>(Peek());
  const bool lone_return = byte == '\r' && !At("\r\n");
  if (lone_return || byte == 0x7f ||
      (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')) {
    static constexpr char kHex[] = "0123456789abcdef";
    return Fail(std::string("TOML files cannot contain control characters: '0x") + kHex[byte >> 4] +
                kHex[byte & 15] + "'");
  }
  return true;
}

bool TomlScanner::Take(std::string_view what) {
  if (!At(what)) return false;
  at_ += what.size();
  return true;
}

void TomlScanner::SkipBlanks() {
  while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

void TomlScanner::SkipLines() {
  while (!at_end() && fault_.empty()) {
    SkipBlanks();
    if (Peek() == '#') {
      while (!at_end() && Peek() != '\n' && CheckByte()) ++at_;
    } else if (!Take("\n") && !Take("\r\n")) {
      break;
    }
  }
}

bool TomlScanner::EndLine() {
  SkipBlanks();
  if (Peek() == '#') {
    while (!at_end() && Peek() != '\n') {
      if (!CheckByte()) return false;
      ++at_;
    }
  }
  if (at_end() || Take("\n") || Take("\r\n")) return true;
  if (!CheckByte()) return false;
  std::string_view rest = text_.substr(at_);
  return Fail("expected a top-level item to end with a newline, comment, or EOF, but got " +
              QuoteRune(TakeRune(&rest)) + " instead");
}

std::optional<std::string> TomlScanner::KeyPart() {
  SkipBlanks();
  if (Peek() == '"' || Peek() == '\'') return Quoted(Peek());
  const size_t from = at_;
  while (!at_end() && IsBare(text_[at_])) ++at_;
  return std::string(text_.substr(from, at_ - from));
}

bool TomlScanner::Escape(std::string* made) {
  static constexpr std::string_view kLetters = "btnfre\"\\", kMeant = "\b\t\n\f\r\x1b\"\\";
  ++at_;
  const char letter = Peek();
  if (const size_t known = kLetters.find(letter); !at_end() && known != std::string_view::npos) {
    ++at_;
    *made += kMeant[known];
    return true;
  }
  const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (digits == 0 || at_end()) {
    std::string_view rest = text_.substr(std::min(at_, text_.size()));
    std::string shown;
    if (!rest.empty()) AppendRune(&shown, TakeRune(&rest));
    return Fail("invalid escape in string '\\" + shown + "'");
  }
  ++at_;
  const std::string_view hex = text_.substr(at_, digits);
  if (hex.size() != digits || !std::all_of(hex.begin(), hex.end(), IsHex)) {
    return Fail("expected " +
                std::string(digits == 2   ? "two"
                            : digits == 4 ? "four"
                                          : "eight") +
                " hexadecimal digits after '\\" + letter + "'");
  }
  const auto rune = static_cast<char32_t>(ParseUint(hex, 16).number);
  if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) {
    return Fail("Escaped character '\\u" + std::string(hex) + "' is not valid UTF-8.");
  }
  at_ += digits;
  AppendRune(made, rune);
  return true;
}

// On one line.
std::optional<std::string> TomlScanner::Quoted(char quote) {
  ++at_;
  std::string made;
  while (true) {
    if (at_end()) {
      Fail(std::string("unexpected EOF; expected ") + (quote == '"' ? "'\"'" : "\"'\""));
      return std::nullopt;
    }
    const char c = Peek();
    if (c == '\n' || (c == '\r' && At("\r\n"))) {
      Fail("strings cannot contain newlines");
      return std::nullopt;
    }
    if (!CheckByte()) return std::nullopt;
    if (c == quote) break;
    if (c == '\\' && quote == '"') {
      if (!Escape(&made)) return std::nullopt;
      continue;
    }
    made += c;
    ++at_;
  }
  ++at_;
  return made;
}

// Between three quotes; up to two more may stand before the last three.
std::optional<std::string> TomlScanner::Lines(char quote) {
  const std::string three(3, quote);
  at_ += 3;
  if (!Take("\n")) Take("\r\n");
  std::string made;
  while (true) {
    if (at_end()) {
      Fail("unexpected EOF; expected " + (quote == '"' ? "'" + three + "'" : "\"" + three + "\""));
      return std::nullopt;
    }
    if (!CheckByte()) return std::nullopt;
    if (Take(three)) {
      for (int more = 0; more < 2 && Peek() == quote; ++more, ++at_) made += quote;
      if (Peek() != quote) return made;
      Fail("unexpected " +
           (quote == '"' ? "'" + three + three + "'" : "\"" + three + three + "\""));
      return std::nullopt;
    }
    if (Peek() != '\\' || quote != '"') {
      made += text_[at_++];
      continue;
    }
    // A backslash at the end of a line takes all blanks and line ends behind it.
    size_t next = std::min(text_.find_first_not_of(" \t", at_ + 1), text_.size());
    if (next < text_.size() && (text_[next] == '\n' || text_.substr(next).starts_with("\r\n"))) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", next), text_.size());
    } else if (!Escape(&made)) {
      return std::nullopt;
    }
  }
}

std::optional<std::string> TomlScanner::Text() {
  const char quote = Peek();
  return At(std::string(3, quote)) ? Lines(quote) : Quoted(quote);
}

std::string_view TomlScanner::Number() {
  const size_t from = at_;
  const auto belongs = [this](char c) {
    return IsBare(c) || c == '+' || c == '.' || c == ':' || (c & 0x80) != 0;
  };
  while (!at_end() && belongs(text_[at_])) ++at_;
  // A date may be parted from its time by a blank.
  const std::string_view date = text_.substr(from, at_ - from);
  const bool is_date = date.size() == 10 && date[4] == '-' && date[7] == '-';
  if (is_date && at_ + 1 < text_.size() && text_[at_] == ' ' && '0' <= text_[at_ + 1] &&
      text_[at_ + 1] <= '9') {
    ++at_;
    while (!at_end() && belongs(text_[at_])) ++at_;
  }
  return text_.substr(from, at_ - from);
}

}  // namespace headgate::templating::helm
