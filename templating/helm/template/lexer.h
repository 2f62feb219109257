#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

enum class TokenKind : uint8_t {
  kError,  // the text says what is wrong
  kBool,
  kChar,          // any other printable ASCII character: a comma, say
  kCharConstant,  // 'x'
  kComplex,       // 1+2i
  kAssign,        // =
  kDeclare,       // :=
  kEnd,           // of the text
  kField,         // .name
  kIdentifier,
  kLeftDelimiter,
  kLeftParen,
  kNumber,
  kPipe,
  kRawString,  // with its quotes, as kString
  kRightDelimiter,
  kRightParen,
  kSpace,
  kString,
  kText,
  kVariable,  // with its $
  // Words of the language
  kBlock,
  kBreak,
  kContinue,
  kDot,
  kDefine,
  kElse,
  kEndWord,
  kIf,
  kNil,
  kRange,
  kTemplate,
  kWith,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  uint32_t position = 0;  // of its first byte
  uint32_t line = 0;      // from 1
  std::string_view text;  // of the template, or of the lexer for errors
};

// As an error names it: `"foo"`, `<range>`, `EOF`.
std::string Show(const Token& token);

// Cuts a template into tokens as Go's text/template does, trim markers and comments undone.
// Delimiters are {{ and }}. After an error only errors and the end follow.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token Next();

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Front() const { return text_[at_]; }
  std::string_view Rest() const { return text_.substr(at_); }
  bool TakeAny(std::string_view set);
  void TakeAll(std::string_view set);

  Token Make(TokenKind kind);  // of what was passed since the last one
  Token Fail(std::string what);
  void Skip();  // what was passed is in no token

  // The next token, from text; inside of an action.
  Token Outside();
  Token Inside();
  bool SkipComment(std::string* error);
  Token LeftDelimiter();
  Token RightDelimiter();
  Token Spaces();
  Token FieldOrVariable(TokenKind kind);
  Token Identifier();
  Token Number();
  bool ScanNumber();
  Token Quoted(char quote, TokenKind kind, std::string_view what);
  Token RawQuoted();
  bool AtRightDelimiter(bool* trim) const;
  bool AtTerminator() const;
  void TakeWord();
  std::string BadCharacter() const;

  std::string_view text_;
  size_t at_ = 0;
  size_t start_ = 0;   // of the token
  uint32_t line_ = 1;  // of start_
  int parens_ = 0;
  bool inside_ = false;  // of an action
  bool failed_ = false;
  std::string error_;
};

}  // namespace headgate::templating::helm
