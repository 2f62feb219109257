#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// Texts of numbers and strings as Go's strconv reads and writes them.

// "a\n" in quotes and with escapes; what is not printable, or (for ASCII) not ASCII, is escaped.
void AppendQuoted(std::string* out, std::string_view text, bool ascii = false);
void AppendQuotedRune(std::string* out, char32_t rune, bool ascii = false);
std::string Quote(std::string_view text);
bool CanBackquote(std::string_view text);

// The text of a literal in "double", 'single' or `back` quotes; nothing where it is none.
std::optional<std::string> Unquote(std::string_view literal);
// The one character of a literal in single quotes. `malformed` says that there is one, but more
// follows.
std::optional<char32_t> UnquoteChar(std::string_view literal, bool* malformed);

// `format` is one of e E f g G b x X; the precision is -1 for as many digits as are needed to read
// the same number again.
void AppendFloat(std::string* out, double number, char format, int precision);
std::string FormatFloat(double number, char format = 'g', int precision = -1);

// Why a text was not read as a number.
enum class NumberFault : uint8_t { kSyntax, kRange };
template <class T>
struct Parsed {
  T number = {};  // at kRange: the nearest that there is
  std::optional<NumberFault> fault = {};
  explicit operator bool() const { return !fault; }
};
// With base 0 the text says its base (0x, 0o, 0b, 0) and may hold underscores.
Parsed<uint64_t> ParseUint(std::string_view text, int base, int bits = 64);
Parsed<int64_t> ParseInt(std::string_view text, int base, int bits = 64);
Parsed<double> ParseFloat(std::string_view text);

}  // namespace headgate::templating::helm
