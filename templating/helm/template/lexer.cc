#include "templating/helm/template/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "templating/helm/template/printf.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kDigits = "0123456789_";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF_";

constexpr std::array<std::pair<std::string_view, TokenKind>, 13> kWords = {{
    {"block", TokenKind::kBlock},
    {"break", TokenKind::kBreak},
    {"continue", TokenKind::kContinue},
    {"define", TokenKind::kDefine},
    {"else", TokenKind::kElse},
    {"end", TokenKind::kEndWord},
    {"false", TokenKind::kBool},
    {"if", TokenKind::kIf},
    {"nil", TokenKind::kNil},
    {"range", TokenKind::kRange},
    {"template", TokenKind::kTemplate},
    {"true", TokenKind::kBool},
    {"with", TokenKind::kWith},
}};

bool IsSpaceByte(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool IsWordRune(char32_t rune) { return rune == '_' || IsLetter(rune) || IsDigit(rune); }

bool IsWordByte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

// "{{- " and " -}}"
bool HasLeftTrim(std::string_view text) {
  return text.size() >= 2 && text[0] == '-' && IsSpaceByte(text[1]);
}
bool HasRightTrim(std::string_view text) {
  return text.size() >= 2 && IsSpaceByte(text[0]) && text[1] == '-';
}

std::string_view TrimRight(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

}  // namespace

std::string Show(const Token& token) {
  if (token.kind == TokenKind::kEnd) return "EOF";
  if (token.kind == TokenKind::kError) return std::string(token.text);
  if (token.kind >= TokenKind::kBlock) return "<" + std::string(token.text) + ">";
  std::string shown;
  const Value text = Value::Text(token.text);
  AppendPrintf(&shown, token.text.size() > 10 ? "%.10q..." : "%q", {&text, 1}, 1000);
  return shown;
}

bool Lexer::TakeAny(std::string_view set) {
  if (AtEnd() || set.find(Front()) == std::string_view::npos) return false;
  ++at_;
  return true;
}

void Lexer::TakeAll(std::string_view set) {
  at_ = std::min(text_.find_first_not_of(set, at_), text_.size());
}

Token Lexer::Make(TokenKind kind) {
  const Token token = {kind, static_cast<uint32_t>(start_), line_,
                       text_.substr(start_, at_ - start_)};
  Skip();
  return token;
}

void Lexer::Skip() {
  line_ += static_cast<uint32_t>(std::count(text_.begin() + static_cast<ptrdiff_t>(start_),
                                            text_.begin() + static_cast<ptrdiff_t>(at_), '\n'));
  start_ = at_;
}

Token Lexer::Fail(std::string what) {
  error_ = std::move(what);
  const Token token = {TokenKind::kError, static_cast<uint32_t>(start_), line_, error_};
  failed_ = true;
  return token;
}

Token Lexer::Next() {
  if (failed_) return {TokenKind::kEnd, static_cast<uint32_t>(start_), line_, "EOF"};
  return inside_ ? Inside() : Outside();
}

Token Lexer::Outside() {
  for (;;) {
    if (AtEnd()) return Make(TokenKind::kEnd);
    const size_t open = text_.find("{{", at_);
    if (open == std::string_view::npos) {
      at_ = text_.size();
      return Make(TokenKind::kText);
    }
    if (open > at_) {
      const std::string_view before = text_.substr(start_, open - start_);
      at_ = start_ + (HasLeftTrim(text_.substr(open + 2)) ? TrimRight(before) : before).size();
      const Token text = Make(TokenKind::kText);
      at_ = open;
      Skip();
      if (!text.text.empty()) return text;
    }
    const size_t after = HasLeftTrim(text_.substr(open + 2)) ? open + 4 : open + 2;
    if (text_.substr(std::min(after, text_.size()), 2) != "/*") return LeftDelimiter();
    at_ = after;
    Skip();
    std::string error;
    if (!SkipComment(&error)) return Fail(std::move(error));
  }
}

Token Lexer::LeftDelimiter() {
  at_ += 2;
  const bool trim = HasLeftTrim(Rest());
  const Token token = Make(TokenKind::kLeftDelimiter);
  inside_ = true;
  parens_ = 0;
  if (trim) {
    at_ += 2;
    Skip();
  }
  return token;
}

bool Lexer::SkipComment(std::string* error) {
  const size_t close = text_.find("*/", at_ + 2);
  if (close == std::string_view::npos) {
    *error = "unclosed comment";
    return false;
  }
  at_ = close + 2;
  bool trim = false;
  if (!AtRightDelimiter(&trim)) {
    *error = "comment ends before closing delimiter";
    return false;
  }
  at_ += trim ? 4 : 2;
  if (trim) TakeAll(kSpaces);
  Skip();
  return true;
}

bool Lexer::AtRightDelimiter(bool* trim) const {
  const std::string_view rest = Rest();
  *trim = HasRightTrim(rest) && rest.substr(2, 2) == "}}";
  return *trim || rest.substr(0, 2) == "}}";
}

Token Lexer::RightDelimiter() {
  bool trim = false;
  AtRightDelimiter(&trim);
  if (trim) {
    at_ += 2;
    Skip();
  }
  at_ += 2;
  const Token token = Make(TokenKind::kRightDelimiter);
  if (trim) {
    TakeAll(kSpaces);
    Skip();
  }
  inside_ = false;
  return token;
}

Token Lexer::Inside() {
  bool trim = false;
  if (AtRightDelimiter(&trim)) {
    if (parens_ == 0) return RightDelimiter();
    return Fail("unclosed left paren");
  }
  if (AtEnd()) return Fail("unclosed action");
  const char c = Front();
  if (IsSpaceByte(c)) return Spaces();
  if ((c >= '0' && c <= '9') || c == '+' || c == '-') return Number();
  if (IsWordByte(c)) return Identifier();
  ++at_;
  switch (c) {
    case '=':
      return Make(TokenKind::kAssign);
    case ':':
      if (!TakeAny("=")) return Fail("expected :=");
      return Make(TokenKind::kDeclare);
    case '|':
      return Make(TokenKind::kPipe);
    case '"':
      return Quoted(c, TokenKind::kString, "quoted string");
    case '`':
      return RawQuoted();
    case '$':
      return FieldOrVariable(TokenKind::kVariable);
    case '\'':
      return Quoted(c, TokenKind::kCharConstant, "character constant");
    case '.':
      if (AtEnd() || (Front() >= '0' && Front() <= '9')) {
        --at_;
        return Number();
      }
      return FieldOrVariable(TokenKind::kField);
    case '(':
      ++parens_;
      return Make(TokenKind::kLeftParen);
    case ')':
      if (--parens_ < 0) return Fail("unexpected right paren");
      return Make(TokenKind::kRightParen);
    default:
      break;
  }
  if (c > ' ' && c < 0x7f) return Make(TokenKind::kChar);
  --at_;
  std::string_view rest = Rest();
  if (IsWordRune(TakeRune(&rest))) return Identifier();
  return Fail("unrecognized character in action: " + BadCharacter());
}

// A space in front of a trimming delimiter belongs to that.
Token Lexer::Spaces() {
  while (!AtEnd() && IsSpaceByte(Front())) ++at_;
  const std::string_view last = text_.substr(at_ - 1);
  if (HasRightTrim(last) && last.substr(2, 2) == "}}") {
    --at_;
    if (at_ == start_) return parens_ == 0 ? RightDelimiter() : Fail("unclosed left paren");
  }
  return Make(TokenKind::kSpace);
}

void Lexer::TakeWord() {
  while (!AtEnd()) {
    if (IsWordByte(Front())) {
      ++at_;
      continue;
    }
    std::string_view rest = Rest();
    if (static_cast<unsigned char>(Front()) < 0x80 || !IsWordRune(TakeRune(&rest))) return;
    at_ = text_.size() - rest.size();
  }
}

bool Lexer::AtTerminator() const {
  if (AtEnd() || IsSpaceByte(Front())) return true;
  switch (Front()) {
    case '.':
    case ',':
    case '|':
    case ':':
    case ')':
    case '(':
      return true;
    default:
      return Rest().substr(0, 2) == "}}";
  }
}

std::string Lexer::BadCharacter() const {
  if (AtEnd()) return "U+FFFFFFFFFFFFFFFF";
  std::string_view rest = Rest();
  const Value rune = Value::Int(static_cast<int64_t>(TakeRune(&rest)));
  std::string shown;
  AppendPrintf(&shown, "%#U", {&rune, 1}, 100);
  return shown;
}

Token Lexer::FieldOrVariable(TokenKind kind) {
  if (AtTerminator()) return Make(kind == TokenKind::kField ? TokenKind::kDot : kind);
  TakeWord();
  if (!AtTerminator()) return Fail("bad character " + BadCharacter());
  return Make(kind);
}

Token Lexer::Identifier() {
  TakeWord();
  if (!AtTerminator()) return Fail("bad character " + BadCharacter());
  const std::string_view word = text_.substr(start_, at_ - start_);
  const auto* found = std::find_if(kWords.begin(), kWords.end(),
                                   [word](const auto& known) { return known.first == word; });
  return Make(found == kWords.end() ? TokenKind::kIdentifier : found->second);
}

// Not exact: what is accepted here and is no number is seen when it is read.
Token Lexer::Number() {
  const auto bad = [this] {
    std::string shown;
    const Value text = Value::Text(text_.substr(start_, at_ - start_));
    AppendPrintf(&shown, "bad number syntax: %q", {&text, 1}, 1 << 20);
    return Fail(std::move(shown));
  };
  if (!ScanNumber()) return bad();
  if (!AtEnd() && (Front() == '+' || Front() == '-')) {
    if (!ScanNumber() || text_[at_ - 1] != 'i') return bad();
    return Make(TokenKind::kComplex);
  }
  return Make(TokenKind::kNumber);
}

bool Lexer::ScanNumber() {
  TakeAny("+-");
  std::string_view digits = kDigits;
  if (TakeAny("0")) {
    if (TakeAny("xX")) {
      digits = kHexDigits;
    } else if (TakeAny("oO")) {
      digits = "01234567_";
    } else if (TakeAny("bB")) {
      digits = "01_";
    }
  }
  TakeAll(digits);
  if (TakeAny(".")) TakeAll(digits);
  if ((digits == kDigits && TakeAny("eE")) || (digits == kHexDigits && TakeAny("pP"))) {
    TakeAny("+-");
    TakeAll(kDigits);
  }
  TakeAny("i");
  if (AtEnd()) return true;
  std::string_view rest = Rest();
  if (!IsWordRune(TakeRune(&rest))) return true;
  at_ = text_.size() - rest.size();
  return false;
}

Token Lexer::Quoted(char quote, TokenKind kind, std::string_view what) {
  for (; !AtEnd() && Front() != '\n'; ++at_) {
    if (Front() == quote) {
      ++at_;
      return Make(kind);
    }
    if (Front() != '\\') continue;
    ++at_;
    if (AtEnd() || Front() == '\n') break;
  }
  return Fail("unterminated " + std::string(what));
}

Token Lexer::RawQuoted() {
  const size_t close = text_.find('`', at_);
  if (close == std::string_view::npos) return Fail("unterminated raw quoted string");
  at_ = close + 1;
  return Make(TokenKind::kRawString);
}

}  // namespace headgate::templating::helm
