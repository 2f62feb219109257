#include "templating/helm/strconv.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>

#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";

void AppendHex(std::string* out, uint32_t number, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out->push_back(kLowerHex[(number >> shift) & 15]);
  }
}

void AppendEscaped(std::string* out, char32_t rune, char quote, bool ascii) {
  if (rune == static_cast<unsigned char>(quote) || rune == '\\') {
    out->push_back('\\');
    out->push_back(static_cast<char>(rune));
    return;
  }
  if ((!ascii || rune < 0x80) && IsPrint(rune)) return AppendRune(out, rune);
  constexpr std::string_view kNamed = "abtnvfr";  // from \a, which is 7
  if (rune >= 7 && rune <= 13) {
    out->push_back('\\');
    out->push_back(kNamed[rune - 7]);
  } else if (rune < ' ' || rune == 0x7f) {
    out->append("\\x");
    AppendHex(out, rune, 2);
  } else if (rune < 0x10000) {
    out->append("\\u");
    AppendHex(out, rune, 4);
  } else {
    out->append("\\U");
    AppendHex(out, rune, 8);
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One character of a literal, an escape undone. `byte`: it stands for a byte, not for a character.
struct Unquoted {
  char32_t rune;
  bool byte;
};

std::optional<Unquoted> TakeEscapedNumber(std::string_view* text, size_t digits, int base) {
  if (text->size() < digits) return std::nullopt;
  uint64_t number = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int digit = HexDigit((*text)[i]);
    if (digit < 0 || digit >= base) return std::nullopt;
    number = number * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
  }
  text->remove_prefix(digits);
  const bool byte = digits <= 3;
  if (number > (byte ? 0xffu : 0x10ffffu)) return std::nullopt;
  if (number >= 0xd800 && number <= 0xdfff) return std::nullopt;
  return Unquoted{static_cast<char32_t>(number), byte};
}

std::optional<Unquoted> TakeUnquoted(std::string_view* text, char quote) {
  if (text->empty() || text->front() == quote) return std::nullopt;
  if (static_cast<unsigned char>(text->front()) >= 0x80) return Unquoted{TakeRune(text), false};
  const char first = text->front();
  text->remove_prefix(1);
  if (first != '\\') return Unquoted{static_cast<unsigned char>(first), false};
  if (text->empty()) return std::nullopt;
  const char escape = text->front();
  if (escape >= '0' && escape <= '7') return TakeEscapedNumber(text, 3, 8);
  text->remove_prefix(1);
  constexpr std::string_view kNamed = "abtnvfr";
  if (const size_t named = kNamed.find(escape); named != std::string_view::npos) {
    return Unquoted{static_cast<char32_t>(7 + named), false};
  }
  switch (escape) {
    case 'x':
      return TakeEscapedNumber(text, 2, 16);
    case 'u':
      return TakeEscapedNumber(text, 4, 16);
    case 'U':
      return TakeEscapedNumber(text, 8, 16);
    case '\\':
      return Unquoted{U'\\', false};
    default:
      if (escape != quote) return std::nullopt;
      return Unquoted{static_cast<unsigned char>(escape), false};
  }
}

}  // namespace

void AppendQuoted(std::string* out, std::string_view text, bool ascii) {
  out->push_back('"');
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      out->push_back(static_cast<char>(byte));
      text.remove_prefix(1);
      continue;
    }
    size_t bytes = 0;
    const char32_t rune = TakeRune(&text, &bytes);
    if (rune == kRuneError && bytes == 1) {
      out->append("\\x");
      AppendHex(out, byte, 2);
    } else {
      AppendEscaped(out, rune, '"', ascii);
    }
  }
  out->push_back('"');
}

void AppendQuotedRune(std::string* out, char32_t rune, bool ascii) {
  if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) rune = kRuneError;
  out->push_back('\'');
  AppendEscaped(out, rune, '\'', ascii);
  out->push_back('\'');
}

std::string Quote(std::string_view text) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  AppendQuoted(&quoted, text);
  return quoted;
}

bool CanBackquote(std::string_view text) {
  while (!text.empty()) {
    size_t bytes = 0;
    const char32_t rune = TakeRune(&text, &bytes);
    if (bytes > 1) {
      if (rune == 0xfeff) return false;
      continue;
    }
    if (rune == kRuneError || (rune < ' ' && rune != '\t') || rune == '`' || rune == 0x7f) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> Unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  const char quote = literal.front();
  std::string_view inside = literal.substr(1, literal.size() - 2);
  std::string text;
  text.reserve(inside.size());
  if (quote == '`') {
    if (inside.find('`') != std::string_view::npos) return std::nullopt;
    std::copy_if(inside.begin(), inside.end(), std::back_inserter(text),
                 [](char c) { return c != '\r'; });
    return text;
  }
  if (quote != '"') return std::nullopt;
  // Most hold nothing that has to be undone.
  const auto odd = [](char c) { return c < ' ' || c == '\\' || c == '"' || c == 0x7f; };
  if (std::none_of(inside.begin(), inside.end(), odd)) return std::string(inside);
  while (!inside.empty()) {
    if (inside.front() == '\n') return std::nullopt;
    const std::optional<Unquoted> next = TakeUnquoted(&inside, quote);
    if (!next) return std::nullopt;
    if (next->byte) {
      text.push_back(static_cast<char>(next->rune));
    } else {
      AppendRune(&text, next->rune);
    }
  }
  return text;
}

std::optional<char32_t> UnquoteChar(std::string_view literal, bool* malformed) {
  *malformed = false;
  if (literal.empty()) return std::nullopt;
  const char quote = literal.front();
  literal.remove_prefix(1);
  const std::optional<Unquoted> rune = TakeUnquoted(&literal, quote);
  if (!rune) return std::nullopt;
  *malformed = literal != "'";
  return rune->rune;
}

// Floats

namespace {

// Decimal digits without zeros at the end: 0.DIGITS times ten to the power of `point`.
struct Digits {
  std::string text;
  int point = 0;
  int size() const { return static_cast<int>(text.size()); }
};

// No double has more digits than this.
constexpr int kDigitsMax = 1100;

// What to_chars writes as "d.ddde-dd".
Digits FromScientific(std::string_view text) {
  Digits digits;
  const size_t e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits.text.push_back(c);
  }
  std::string_view exponent = text.substr(e + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  int power = 0;
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  digits.text.erase(digits.text.find_last_not_of('0') + 1);
  digits.point = digits.text.empty() ? 0 : power + 1;
  return digits;
}

Digits ShortestDigits(double number) {
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  return FromScientific({buffer, end.ptr});
}

// `after` digits behind the first one.
Digits RoundedDigits(double number, int after) {
  std::string buffer(kDigitsMax + 32, '\0');
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::scientific, std::min(after, kDigitsMax));
  return FromScientific({buffer.data(), end.ptr});
}

// `after` digits behind the decimal point.
Digits FixedDigits(double number, int after) {
  std::string buffer(2 * kDigitsMax, '\0');
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::fixed, std::min(after, kDigitsMax));
  const std::string_view text(buffer.data(), end.ptr);
  const size_t point = std::min(text.find('.'), text.size());
  Digits digits;
  digits.text.assign(text.substr(0, point));
  if (point < text.size()) digits.text.append(text.substr(point + 1));
  digits.point = static_cast<int>(point);
  const size_t first = digits.text.find_first_not_of('0');
  if (first == std::string::npos) return {};
  digits.text.erase(0, first);
  digits.point -= static_cast<int>(first);
  digits.text.erase(digits.text.find_last_not_of('0') + 1);
  return digits;
}

void AppendExponent(std::string* out, int exponent, int digits_min) {
  out->push_back(exponent < 0 ? '-' : '+');
  const std::string text = std::to_string(std::abs(exponent));
  if (static_cast<int>(text.size()) < digits_min) out->push_back('0');
  out->append(text);
}

void AppendScientific(std::string* out, const Digits& digits, int precision, char e) {
  out->push_back(digits.text.empty() ? '0' : digits.text[0]);
  if (precision > 0) {
    out->push_back('.');
    const int have = std::clamp(digits.size() - 1, 0, precision);
    if (have > 0) out->append(digits.text, 1, static_cast<size_t>(have));
    out->append(static_cast<size_t>(precision - have), '0');
  }
  out->push_back(e);
  AppendExponent(out, digits.text.empty() ? 0 : digits.point - 1, 2);
}

void AppendFixed(std::string* out, const Digits& digits, int precision) {
  const int whole = std::max(digits.point, 0);
  if (whole == 0) {
    out->push_back('0');
  } else {
    const int have = std::min(digits.size(), whole);
    out->append(digits.text, 0, static_cast<size_t>(have));
    out->append(static_cast<size_t>(whole - have), '0');
  }
  if (precision <= 0) return;
  out->push_back('.');
  const int zeros = std::min(std::max(-digits.point, 0), precision);
  out->append(static_cast<size_t>(zeros), '0');
  const int have = std::clamp(digits.size() - whole, 0, precision - zeros);
  if (have > 0) out->append(digits.text, static_cast<size_t>(whole), static_cast<size_t>(have));
  out->append(static_cast<size_t>(precision - zeros - have), '0');
}

void AppendDecimal(std::string* out, double number, char format, int precision) {
  const bool shortest = precision < 0;
  Digits digits;
  if (number == 0) {
    // no digits
  } else if (shortest) {
    digits = ShortestDigits(number);
    precision = format == 'e'   ? digits.size() - 1
                : format == 'f' ? std::max(digits.size() - digits.point, 0)
                                : digits.size();
  } else if (format == 'f') {
    digits = FixedDigits(number, precision);
  } else {
    if (format == 'g' && precision == 0) precision = 1;
    digits = RoundedDigits(number, format == 'g' ? precision - 1 : precision);
  }
  if (format == 'e') return AppendScientific(out, digits, precision, 'e');
  if (format == 'f') return AppendFixed(out, digits, precision);
  // %g: an exponent where it would be below -4, or reach the precision.
  int limit = precision;
  if (limit > digits.size() && digits.size() >= digits.point) limit = digits.size();
  if (shortest) limit = 6;
  const int exponent = digits.point - 1;
  if (exponent < -4 || exponent >= limit) {
    return AppendScientific(out, digits, std::min(precision, digits.size()) - 1, 'e');
  }
  if (precision > digits.point) precision = digits.size();
  AppendFixed(out, digits, std::max(precision - digits.point, 0));
}

struct Binary {
  uint64_t mantissa;
  int exponent;  // of the mantissa's lowest bit
};

Binary Split(double number) {
  const auto bits = std::bit_cast<uint64_t>(number);
  const auto exponent = static_cast<int>((bits >> 52) & 0x7ff);
  const uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
  if (exponent == 0) return {mantissa, -1074};
  return {mantissa | (uint64_t{1} << 52), exponent - 1075};
}

void AppendHexFloat(std::string* out, double number, int precision, bool upper) {
  auto [mantissa, exponent] = Split(number);
  exponent = mantissa == 0 ? 0 : exponent + 52;
  mantissa <<= 8;  // a leading 1 is bit 60
  while (mantissa != 0 && (mantissa >> 60) == 0) {
    mantissa <<= 1;
    --exponent;
  }
  if (precision >= 0 && precision < 15) {
    const int dropped = 60 - 4 * precision;
    const uint64_t rest = mantissa & ((uint64_t{1} << dropped) - 1);
    const uint64_t half = uint64_t{1} << (dropped - 1);
    mantissa >>= dropped;
    if (rest > half || (rest == half && (mantissa & 1))) ++mantissa;
    mantissa <<= dropped;
    if (mantissa >> 61) {
      mantissa >>= 1;
      ++exponent;
    }
  }
  const std::string_view hex = upper ? kUpperHex : kLowerHex;
  out->append(upper ? "0X" : "0x");
  out->push_back(static_cast<char>('0' + ((mantissa >> 60) & 1)));
  mantissa <<= 4;
  if (precision > 0 || (precision < 0 && mantissa != 0)) {
    out->push_back('.');
    for (int i = 0; precision < 0 ? mantissa != 0 : i < precision; ++i) {
      out->push_back(hex[mantissa >> 60]);
      mantissa <<= 4;
    }
  }
  out->push_back(upper ? 'P' : 'p');
  AppendExponent(out, exponent, 2);
}

}  // namespace

void AppendFloat(std::string* out, double number, char format, int precision) {
  if (std::isnan(number)) {
    out->append("NaN");
    return;
  }
  if (std::isinf(number)) {
    out->append(number < 0 ? "-Inf" : "+Inf");
    return;
  }
  if (std::signbit(number)) out->push_back('-');
  number = std::abs(number);
  switch (format) {
    case 'b': {
      const Binary parts = Split(number);
      out->append(std::to_string(parts.mantissa)).push_back('p');
      AppendExponent(out, parts.exponent, 1);
      return;
    }
    case 'x':
    case 'X':
      return AppendHexFloat(out, number, precision, format == 'X');
    case 'E':
    case 'G': {
      const size_t start = out->size();
      AppendDecimal(out, number, format == 'E' ? 'e' : 'g', precision);
      std::replace(out->begin() + static_cast<ptrdiff_t>(start), out->end(), 'e', 'E');
      return;
    }
    default:
      return AppendDecimal(out, number, format, precision);
  }
}

std::string FormatFloat(double number, char format, int precision) {
  std::string text;
  AppendFloat(&text, number, format, precision);
  return text;
}

// Reading

namespace {

char Lower(char c) { return static_cast<char>(c | 0x20); }

// Whether underscores stand between digits, or behind the base's prefix, only.
bool UnderscoresFit(std::string_view text) {
  char before = '^';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  bool hex = false;
  if (text.size() >= 2 && text[0] == '0' &&
      (Lower(text[1]) == 'b' || Lower(text[1]) == 'o' || Lower(text[1]) == 'x')) {
    before = '0';
    hex = Lower(text[1]) == 'x';
    text.remove_prefix(2);
  }
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (hex && HexDigit(c) >= 0)) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

int TakeBase(std::string_view* text) {
  if ((*text)[0] != '0') return 10;
  const char letter = text->size() >= 3 ? Lower((*text)[1]) : '\0';
  const int base = letter == 'b' ? 2 : letter == 'o' ? 8 : letter == 'x' ? 16 : 0;
  text->remove_prefix(base ? 2 : 1);
  return base ? base : 8;
}

}  // namespace

Parsed<uint64_t> ParseUint(std::string_view text, int base, int bits) {
  if (text.empty()) return {0, NumberFault::kSyntax};
  const std::string_view whole = text;
  const bool any_base = base == 0;
  if (any_base) base = TakeBase(&text);
  const uint64_t most = bits >= 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  bool underscores = false;
  uint64_t number = 0;
  for (const char c : text) {
    if (c == '_' && any_base) {
      underscores = true;
      continue;
    }
    const char lower = Lower(c);
    const int digit = c >= '0' && c <= '9'           ? c - '0'
                      : lower >= 'a' && lower <= 'z' ? lower - 'a' + 10
                                                     : 36;
    if (digit >= base) return {0, NumberFault::kSyntax};
    const auto wide = static_cast<unsigned __int128>(number) * static_cast<unsigned>(base) +
                      static_cast<unsigned>(digit);
    if (wide > most) return {most, NumberFault::kRange};
    number = static_cast<uint64_t>(wide);
  }
  if (underscores && !UnderscoresFit(whole)) return {0, NumberFault::kSyntax};
  return {number};
}

Parsed<int64_t> ParseInt(std::string_view text, int base, int bits) {
  if (text.empty()) return {0, NumberFault::kSyntax};
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const Parsed<uint64_t> size = ParseUint(text, base, bits);
  if (size.fault == NumberFault::kSyntax) return {0, size.fault};
  const uint64_t limit = uint64_t{1} << (bits - 1);
  if (negative) {
    if (size.number > limit) return {static_cast<int64_t>(0 - limit), NumberFault::kRange};
    return {static_cast<int64_t>(0 - size.number)};
  }
  if (size.number >= limit) return {static_cast<int64_t>(limit - 1), NumberFault::kRange};
  return {static_cast<int64_t>(size.number)};
}

namespace {

// The words that are floats; nothing where it is none of them.
std::optional<double> SpecialFloat(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const bool sign = negative || (!text.empty() && text[0] == '+');
  std::string word(text.substr(sign ? 1 : 0));
  std::transform(word.begin(), word.end(), word.begin(), Lower);
  const double infinity = std::numeric_limits<double>::infinity();
  if (word == "inf" || word == "infinity") return negative ? -infinity : infinity;
  if (word == "nan" && !sign) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

}  // namespace

Parsed<double> ParseFloat(std::string_view text) {
  if (const std::optional<double> special = SpecialFloat(text)) return {*special};
  const std::string_view whole = text;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  const bool hex = text.size() > 2 && text[0] == '0' && Lower(text[1]) == 'x';
  if (hex) text.remove_prefix(2);

  std::string plain;
  bool digits = false, point = false, exponent = false, underscores = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_') {
      underscores = true;
      continue;
    }
    if (c == '.' && !point && !exponent) {
      point = true;
    } else if (digits && !exponent && Lower(c) == (hex ? 'p' : 'e')) {
      exponent = true;
      plain.push_back(c);
      if (i + 1 < text.size() && (text[i + 1] == '+' || text[i + 1] == '-')) {
        if (text[++i] == '-') plain.push_back('-');
      }
      if (i + 1 >= text.size() || text[i + 1] < '0' || text[i + 1] > '9') {
        return {0, NumberFault::kSyntax};
      }
      continue;
    } else if ((c >= '0' && c <= '9') || (hex && !exponent && HexDigit(c) >= 0)) {
      digits = true;
    } else {
      return {0, NumberFault::kSyntax};
    }
    plain.push_back(c);
  }
  if (!digits || (hex && !exponent)) return {0, NumberFault::kSyntax};
  if (underscores && !UnderscoresFit(whole)) return {0, NumberFault::kSyntax};

  double number = 0;
  const auto end = std::from_chars(plain.data(), plain.data() + plain.size(), number,
                                   hex ? std::chars_format::hex : std::chars_format::general);
  if (end.ec == std::errc::result_out_of_range) {
    // Too small is zero, or nearly; too large is an error.
    number = std::strtod((hex ? "0x" + plain : plain).c_str(), nullptr);
    if (std::isinf(number)) return {negative ? -number : number, NumberFault::kRange};
  }
  return {negative ? -number : number};
}

}  // namespace headgate::templating::helm
