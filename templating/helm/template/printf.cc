#include "templating/helm/template/printf.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kLowerDigits = "0123456789abcdefx";
constexpr std::string_view kUpperDigits = "0123456789ABCDEFX";
constexpr uint64_t kAddress = 0xc000012345;  // what every pointer shows

// A number in a format may be at most this; Go's rule.
constexpr int kWidthMax = 1'000'000;

struct Flags {
  bool minus = false, plus = false, sharp = false, space = false, zero = false;
  bool plus_v = false, sharp_v = false;  // %+v and %#v, which are no flags of the parts
  std::optional<int> width = {}, precision = {};
};

class Printer {
 public:
  Printer(std::string* out, size_t bytes_max) : out_(*out), bytes_max_(bytes_max) {}

  void Printf(std::string_view format, std::span<const Value> arguments);
  void Argument(const Value& value, char32_t verb);
  bool fits() const { return fits_; }

 private:
  // Parts of a format
  struct Format;
  void Directive(Format* format);
  void WidthAndPrecision(Format* format);
  void Extra(std::span<const Value> arguments);

  // Values
  bool ByMethod(const Value& value, char32_t verb);
  void Nested(const Value& value, char32_t verb, int depth);
  void Reflected(const Value& value, char32_t verb, int depth);
  void Mapping(const Value& value, char32_t verb, int depth);
  void Sequence(const Value& value, char32_t verb, int depth);
  void Fields(const Value& value, char32_t verb, int depth);
  void Pointer(const Value& value, char32_t verb, int depth);
  void BadVerb(const Value& value, char32_t verb);

  void Boolean(const Value& value, char32_t verb);
  void Integer(const Value& value, char32_t verb);
  void Float(const Value& value, double number, char32_t verb);
  void ComplexNumber(const Value& value, char32_t verb);
  // False where the verb is none for texts.
  bool Text(std::string_view text, char32_t verb);
  void Bytes(const Value& value, char32_t verb, std::string_view type);

  // Formatted parts
  void Digits(uint64_t number, unsigned base, bool is_signed, char32_t verb,
              std::string_view digits);
  void Character(uint64_t code);
  void QuotedCharacter(uint64_t code);
  void CodePoint(uint64_t code);
  void FormatFloat(double number, char format, int precision);
  void Plain(std::string_view text);
  void Quoted(std::string_view text);
  void Hex(std::string_view text, std::string_view digits);
  void Pad(std::string_view text);
  void Padding(int64_t count);
  std::string_view Truncated(std::string_view text) const;

  void Put(std::string_view text) {
    if (text.size() > bytes_max_ - std::min(bytes_max_, out_.size())) {
      fits_ = false;
      return;
    }
    out_.append(text);
  }
  void Rune(char32_t rune) {
    std::string text;
    AppendRune(&text, rune);
    Put(text);
  }

  std::string& out_;
  const size_t bytes_max_;
  Flags flags_;
  bool erroring_ = false;  // inside of "%!d(...)": no methods are called
  bool fits_ = true;
};

// A format while it is read.
struct Printer::Format {
  std::string_view text;
  std::span<const Value> arguments;
  size_t at = 0;
  size_t argument = 0;
  bool reordered = false;    // an index like [3] was used anywhere
  bool good_index = true;    // of this directive
  bool after_index = false;  // the last thing read was an index

  bool done() const { return at >= text.size(); }
  char front() const { return text[at]; }
  std::optional<int> TakeNumber();
  void TakeIndex();
  std::optional<int> TakeArgument();
};

// Digits of the text up to `end`. Too large a number is none, and ends the text.
std::optional<int> TakeDigits(std::string_view text, size_t* at, size_t end) {
  std::optional<int> number;
  while (*at < end && text[*at] >= '0' && text[*at] <= '9') {
    if (number.value_or(0) > kWidthMax) {
      *at = end;
      return std::nullopt;
    }
    number = number.value_or(0) * 10 + (text[*at] - '0');
    ++*at;
  }
  return number;
}

std::optional<int> Printer::Format::TakeNumber() { return TakeDigits(text, &at, text.size()); }

// "[3]", if it comes next: which argument is meant, from 1.
void Printer::Format::TakeIndex() {
  after_index = false;
  if (done() || front() != '[') return;
  reordered = true;
  const size_t close = text.find(']', at);
  if (text.size() - at < 3 || close == std::string_view::npos) {
    good_index = false;
    ++at;
    return;
  }
  size_t digit = at + 1;
  const std::optional<int> number = TakeDigits(text, &digit, close);
  const bool read = number && digit == close;
  at = close + 1;
  after_index = read;
  if (read && *number >= 1 && static_cast<size_t>(*number) <= arguments.size()) {
    argument = static_cast<size_t>(*number) - 1;
  } else {
    good_index = false;
  }
}

// A width or precision given as "*": the next argument, if it is an integer.
std::optional<int> Printer::Format::TakeArgument() {
  if (argument >= arguments.size()) return std::nullopt;
  const Value& value = arguments[argument++];
  if (!value.is_integer()) return std::nullopt;
  const int64_t number = value.integer();
  if (value.kind() == Kind::kUint64 && number < 0) return std::nullopt;
  if (number > kWidthMax || number < -kWidthMax) return std::nullopt;
  return static_cast<int>(number);
}

void Printer::Printf(std::string_view text, std::span<const Value> arguments) {
  Format format{text, arguments};
  while (!format.done() && fits_) {
    const size_t percent = std::min(text.find('%', format.at), text.size());
    Put(text.substr(format.at, percent - format.at));
    if (percent == text.size()) break;
    format.at = percent + 1;
    Directive(&format);
  }
  if (!format.reordered && format.argument < arguments.size()) {
    Extra(arguments.subspan(format.argument));
  }
}

void Printer::Directive(Format* format) {
  format->good_index = true;
  flags_ = {};
  for (bool flag = true; flag && !format->done();) {
    switch (format->front()) {
      case '#':
        flags_.sharp = true;
        break;
      case '0':
        flags_.zero = true;
        break;
      case '+':
        flags_.plus = true;
        break;
      case '-':
        flags_.minus = true;
        break;
      case ' ':
        flags_.space = true;
        break;
      default:
        flag = false;
    }
    if (flag) ++format->at;
  }
  WidthAndPrecision(format);
  if (format->done()) return Put("%!(NOVERB)");

  std::string_view rest = format->text.substr(format->at);
  const char32_t verb = TakeRune(&rest);
  format->at = format->text.size() - rest.size();
  if (verb == '%') return Put("%");
  if (!format->good_index || format->argument >= format->arguments.size()) {
    Put("%!");
    Rune(verb);
    return Put(format->good_index ? "(MISSING)" : "(BADINDEX)");
  }
  if (verb == 'v' || verb == 'w') {
    std::swap(flags_.sharp_v, flags_.sharp);
    std::swap(flags_.plus_v, flags_.plus);
  }
  Argument(format->arguments[format->argument++], verb);
}

void Printer::WidthAndPrecision(Format* format) {
  format->TakeIndex();
  if (!format->done() && format->front() == '*') {
    ++format->at;
    flags_.width = format->TakeArgument();
    if (!flags_.width) Put("%!(BADWIDTH)");
    if (flags_.width && *flags_.width < 0) {
      flags_.width = -*flags_.width;
      flags_.minus = true;
      flags_.zero = false;
    }
    format->after_index = false;
  } else {
    flags_.width = format->TakeNumber();
    if (format->after_index && flags_.width) format->good_index = false;
  }

  // A point at the end of a format is a verb.
  if (format->at + 1 < format->text.size() && format->front() == '.') {
    ++format->at;
    if (format->after_index) format->good_index = false;
    format->TakeIndex();
    if (!format->done() && format->front() == '*') {
      ++format->at;
      flags_.precision = format->TakeArgument();
      if (flags_.precision && *flags_.precision < 0) flags_.precision.reset();
      if (!flags_.precision) Put("%!(BADPREC)");
      format->after_index = false;
    } else {
      flags_.precision = format->TakeNumber().value_or(0);
    }
  }
  if (!format->after_index) format->TakeIndex();
}

void Printer::Extra(std::span<const Value> arguments) {
  flags_ = {};
  Put("%!(EXTRA ");
  bool first = true;
  for (const Value& value : arguments) {
    if (!first) Put(", ");
    first = false;
    if (!value.is_nil()) {
      Put(TypeName(value));
      Put("=");
    }
    Argument(value, 'v');
  }
  Put(")");
}

void Printer::Argument(const Value& value, char32_t verb) {
  if (value.is_nil()) {
    if (verb == 'T' || verb == 'v') return Pad("<nil>");
    return BadVerb(value, verb);
  }
  if (verb == 'T') return Plain(TypeName(value));
  if (verb == 'p') return Pointer(value, verb, 0);
  if (value.type() == Type::kBytes) return Bytes(value, verb, "[]byte");
  if (ByMethod(value, verb)) return;
  Reflected(value, verb, 0);
}

// Where the type has a String method, and the verb is one for texts.
bool Printer::ByMethod(const Value& value, char32_t verb) {
  if (erroring_ || value.type() <= Type::kString) return false;
  if (verb == 'w') {
    BadVerb(value, verb);
    return true;
  }
  if (flags_.sharp_v) return false;
  if (verb != 'v' && verb != 's' && verb != 'x' && verb != 'X' && verb != 'q') return false;
  const std::optional<std::string> text = StringMethod(value);
  return text && Text(*text, verb);
}

// An item of a list, a map or a struct.
void Printer::Nested(const Value& value, char32_t verb, int depth) {
  if (depth > kDepthMax) {
    fits_ = false;
    return;
  }
  if (!fits_) return;
  if (value.is_nil()) return Put(flags_.sharp_v ? "interface {}(nil)" : "<nil>");
  if (ByMethod(value, verb)) return;
  Reflected(value, verb, depth);
}

void Printer::Reflected(const Value& value, char32_t verb, int depth) {
  switch (value.kind()) {
    case Kind::kBool:
      return Boolean(value, verb);
    case Kind::kFloat64:
      return Float(value, value.number(), verb);
    case Kind::kComplex128:
      return ComplexNumber(value, verb);
    case Kind::kString:
      if (!Text(value.text(), verb)) BadVerb(value, verb);
      return;
    case Kind::kMap:
      return Mapping(value, verb, depth);
    case Kind::kSlice:
      return Sequence(value, verb, depth);
    case Kind::kStruct:
      return Fields(value, verb, depth);
    case Kind::kPointer:
      return Pointer(value, verb, depth);
    case Kind::kInvalid:
    case Kind::kInterface:
      return Put("<nil>");
    default:
      return Integer(value, verb);
  }
}

void Printer::Mapping(const Value& value, char32_t verb, int depth) {
  if (flags_.sharp_v) {
    Put(TypeName(value));
    if (!value.map()) return Put("(nil)");
  }
  Put(flags_.sharp_v ? "{" : "map[");
  if (value.map()) {
    bool first = true;
    for (const Map::Entry& entry : value.map()->entries()) {
      if (!first) Put(flags_.sharp_v ? ", " : " ");
      first = false;
      if (!Text(entry.key, verb)) BadVerb(Value::Text(entry.key), verb);
      Put(":");
      Nested(entry.value, verb, depth + 1);
    }
  }
  Put(flags_.sharp_v ? "}" : "]");
}

void Printer::Sequence(const Value& value, char32_t verb, int depth) {
  const bool bytes = value.type() == Type::kBytes;
  if (bytes && (verb == 's' || verb == 'q' || verb == 'x' || verb == 'X')) {
    return Bytes(value, verb, TypeName(value));
  }
  if (flags_.sharp_v) {
    Put(TypeName(value));
    if (value.is_null_reference()) return Put("(nil)");
  }
  Put(flags_.sharp_v ? "{" : "[");
  for (size_t i = 0; i < value.size() && fits_; ++i) {
    if (i > 0) Put(flags_.sharp_v ? ", " : " ");
    Nested(value.At(i), verb, depth + 1);
  }
  Put(flags_.sharp_v ? "}" : "]");
}

void Printer::Fields(const Value& value, char32_t verb, int depth) {
  if (flags_.sharp_v) Put(TypeName(value));
  Put("{");
  if (const Struct* fields = value.fields()) {
    bool first = true;
    for (const Field& field : fields->fields) {
      if (!first) Put(flags_.sharp_v ? ", " : " ");
      first = false;
      if (flags_.plus_v || flags_.sharp_v) {
        Put(field.name);
        Put(":");
      }
      Nested(*field.value, verb, depth + 1);
    }
  }
  Put("}");
}

void Printer::Pointer(const Value& value, char32_t verb, int depth) {
  const Kind kind = value.kind();
  const bool reference = kind == Kind::kMap || kind == Kind::kPointer || kind == Kind::kSlice;
  if (!reference) return BadVerb(value, verb);
  const bool null = value.is_null_reference();
  if (verb != 'p' && kind == Kind::kPointer && depth == 0 && !null &&
      Info(value.type()).element != Type::kNil) {
    Put("&");
    return Fields(value.Pointed(), verb, depth + 1);
  }
  const bool sharp = flags_.sharp;
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) {
        Put("(");
        Put(TypeName(value));
        Put(null ? ")(nil)" : ")(0xc000012345)");
        return;
      }
      if (null) return Pad("<nil>");
      [[fallthrough]];
    case 'p':
      flags_.sharp = !sharp;
      Digits(null ? 0 : kAddress, 16, false, 'v', kLowerDigits);
      flags_.sharp = sharp;
      return;
    case 'b':
      return Digits(kAddress, 2, false, verb, kLowerDigits);
    case 'o':
      return Digits(kAddress, 8, false, verb, kLowerDigits);
    case 'd':
      return Digits(kAddress, 10, false, verb, kLowerDigits);
    case 'x':
    case 'X':
      return Digits(kAddress, 16, false, verb, verb == 'x' ? kLowerDigits : kUpperDigits);
    default:
      return BadVerb(value, verb);
  }
}

void Printer::BadVerb(const Value& value, char32_t verb) {
  const bool before = erroring_;
  erroring_ = true;
  Put("%!");
  Rune(verb);
  Put("(");
  if (value.is_nil()) {
    Put("<nil>");
  } else {
    Put(TypeName(value));
    Put("=");
    if (value.type() == Type::kBytes) {
      Bytes(value, 'v', "[]byte");
    } else {
      Reflected(value, 'v', 0);
    }
  }
  Put(")");
  erroring_ = before;
}

void Printer::Boolean(const Value& value, char32_t verb) {
  if (verb != 't' && verb != 'v') return BadVerb(value, verb);
  Pad(value.integer() != 0 ? "true" : "false");
}

void Printer::Integer(const Value& value, char32_t verb) {
  const auto number = static_cast<uint64_t>(value.integer());
  const Kind kind = value.kind();
  const bool is_signed = kind == Kind::kInt || kind == Kind::kInt32 || kind == Kind::kInt64;
  switch (verb) {
    case 'v':
      if (flags_.sharp_v && !is_signed) {
        const bool sharp = std::exchange(flags_.sharp, true);
        Digits(number, 16, false, verb, kLowerDigits);
        flags_.sharp = sharp;
        return;
      }
      [[fallthrough]];
    case 'd':
      return Digits(number, 10, is_signed, verb, kLowerDigits);
    case 'b':
      return Digits(number, 2, is_signed, verb, kLowerDigits);
    case 'o':
    case 'O':
      return Digits(number, 8, is_signed, verb, kLowerDigits);
    case 'x':
      return Digits(number, 16, is_signed, verb, kLowerDigits);
    case 'X':
      return Digits(number, 16, is_signed, verb, kUpperDigits);
    case 'c':
      return Character(number);
    case 'q':
      return QuotedCharacter(number);
    case 'U':
      return CodePoint(number);
    default:
      return BadVerb(value, verb);
  }
}

void Printer::Float(const Value& value, double number, char32_t verb) {
  switch (verb) {
    case 'v':
      return FormatFloat(number, 'g', -1);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return FormatFloat(number, static_cast<char>(verb), -1);
    case 'f':
    case 'e':
    case 'E':
      return FormatFloat(number, static_cast<char>(verb), 6);
    case 'F':
      return FormatFloat(number, 'f', 6);
    default:
      return BadVerb(value, verb);
  }
}

void Printer::ComplexNumber(const Value& value, char32_t verb) {
  constexpr std::u32string_view kVerbs = U"vbgGxXfFeE";
  if (kVerbs.find(verb) == std::u32string_view::npos) return BadVerb(value, verb);
  const bool plus = flags_.plus;
  Put("(");
  Float(value, value.complex().real(), verb);
  flags_.plus = true;
  Float(value, value.complex().imag(), verb);
  flags_.plus = plus;
  Put("i)");
}

bool Printer::Text(std::string_view text, char32_t verb) {
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) {
        Quoted(text);
        return true;
      }
      [[fallthrough]];
    case 's':
      Plain(text);
      return true;
    case 'x':
      Hex(text, kLowerDigits);
      return true;
    case 'X':
      Hex(text, kUpperDigits);
      return true;
    case 'q':
      Quoted(text);
      return true;
    default:
      return false;
  }
}

void Printer::Bytes(const Value& value, char32_t verb, std::string_view type) {
  if (verb != 'v' && verb != 'd') {
    if (!Text(value.text(), verb)) Sequence(value, verb, 0);
    return;
  }
  if (flags_.sharp_v) {
    Put(type);
    if (value.is_null_reference()) return Put("(nil)");
  }
  Put(flags_.sharp_v ? "{" : "[");
  for (size_t i = 0; i < value.size() && fits_; ++i) {
    if (i > 0) Put(flags_.sharp_v ? ", " : " ");
    const auto byte = static_cast<unsigned char>(value.text()[i]);
    if (flags_.sharp_v) {
      const bool sharp = std::exchange(flags_.sharp, true);
      Digits(byte, 16, false, 'v', kLowerDigits);
      flags_.sharp = sharp;
    } else {
      Digits(byte, 10, false, verb, kLowerDigits);
    }
  }
  Put(flags_.sharp_v ? "}" : "]");
}

void Printer::Digits(uint64_t number, unsigned base, bool is_signed, char32_t verb,
                     std::string_view digits) {
  const bool negative = is_signed && static_cast<int64_t>(number) < 0;
  if (negative) number = 0 - number;

  // Zeros in front come from a precision, or from the flag 0 with a width.
  int digits_min = 0;
  if (flags_.precision) {
    digits_min = *flags_.precision;
    if (digits_min == 0 && number == 0) {
      const bool zero = std::exchange(flags_.zero, false);
      Padding(flags_.width.value_or(0));
      flags_.zero = zero;
      return;
    }
  } else if (flags_.zero && !flags_.minus && flags_.width) {
    digits_min = *flags_.width - (negative || flags_.plus || flags_.space ? 1 : 0);
  }

  char buffer[68];
  size_t at = sizeof buffer;
  uint64_t rest = number;
  do {
    buffer[--at] = digits[rest % base];
    rest /= base;
  } while (rest != 0);
  const std::string_view made(buffer + at, sizeof buffer - at);
  const int zeros = std::max(0, digits_min - static_cast<int>(made.size()));

  std::string text;
  if (negative || flags_.plus || flags_.space) {
    text.push_back(negative ? '-' : flags_.plus ? '+' : ' ');
  }
  if (verb == 'O') text.append("0o");
  if (flags_.sharp && base == 2) text.append("0b");
  if (flags_.sharp && base == 8 && zeros == 0 && made[0] != '0') text.push_back('0');
  if (flags_.sharp && base == 16) text.append({'0', digits[16]});
  text.append(static_cast<size_t>(zeros), '0').append(made);

  const bool zero = std::exchange(flags_.zero, false);
  Pad(text);
  flags_.zero = zero;
}

void Printer::Character(uint64_t code) {
  std::string text;
  AppendRune(&text, code > 0x10ffff ? kRuneError : static_cast<char32_t>(code));
  Pad(text);
}

void Printer::QuotedCharacter(uint64_t code) {
  std::string text;
  AppendQuotedRune(&text, code > 0x10ffff ? kRuneError : static_cast<char32_t>(code), flags_.plus);
  Pad(text);
}

void Printer::CodePoint(uint64_t code) {
  char buffer[16];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, code, 16);
  std::string digits(buffer, end.ptr);
  for (char& c : digits) c = c >= 'a' ? static_cast<char>(c - 0x20) : c;
  const auto wanted = static_cast<size_t>(std::max(4, flags_.precision.value_or(0)));
  std::string text = "U+";
  if (digits.size() < wanted) text.append(wanted - digits.size(), '0');
  text += digits;
  if (flags_.sharp && code <= 0x10ffff && IsPrint(static_cast<char32_t>(code))) {
    text += " '";
    AppendRune(&text, static_cast<char32_t>(code));
    text += "'";
  }
  const bool zero = std::exchange(flags_.zero, false);
  Pad(text);
  flags_.zero = zero;
}

// What the flag # asks of a float: a point, and for %g the zeros at the end.
std::string Sharpened(std::string number, char format, int precision) {
  int missing = 0;
  if (format == 'g' || format == 'G' || format == 'x') missing = precision == -1 ? 6 : precision;
  const bool hex = format == 'x' || format == 'X';
  const size_t end = std::min(number.find_first_of(hex ? "pP" : "eE", 1), number.size());
  const std::string tail = number.substr(end);
  number.erase(end);
  bool point = false, significant = false;
  for (size_t i = 1; i < number.size(); ++i) {
    if (number[i] == '.') {
      point = true;
      continue;
    }
    significant = significant || number[i] != '0';
    if (significant) --missing;
  }
  if (!point) {
    if (number.size() == 2 && number[1] == '0') --missing;
    number.push_back('.');
  }
  if (missing > 0) number.append(static_cast<size_t>(missing), '0');
  return number + tail;
}

void Printer::FormatFloat(double number, char format, int precision) {
  precision = flags_.precision.value_or(precision);
  std::string text;
  AppendFloat(&text, number, format, precision);
  if (text[0] != '-' && text[0] != '+') text.insert(0, 1, '+');
  if (flags_.space && text[0] == '+' && !flags_.plus) text[0] = ' ';
  if (text[1] == 'I' || text[1] == 'N') {
    if (text[1] == 'N' && !flags_.space && !flags_.plus) text.erase(0, 1);
    // An infinity keeps the sign that it was made with.
    const bool zero = std::exchange(flags_.zero, false);
    Pad(text);
    flags_.zero = zero;
    return;
  }
  if (flags_.sharp && format != 'b') text = Sharpened(std::move(text), format, precision);
  if (!flags_.plus && text[0] == '+') return Pad(std::string_view(text).substr(1));
  const auto missing = flags_.width.value_or(0) - static_cast<int64_t>(text.size());
  if (flags_.zero && !flags_.minus && missing > 0) {
    Put(std::string_view(text).substr(0, 1));
    Padding(missing);
    return Put(std::string_view(text).substr(1));
  }
  Pad(text);
}

void Printer::Plain(std::string_view text) { Pad(Truncated(text)); }

void Printer::Quoted(std::string_view text) {
  text = Truncated(text);
  std::string quoted;
  if (flags_.sharp && CanBackquote(text)) {
    quoted.append("`").append(text).append("`");
  } else {
    AppendQuoted(&quoted, text, flags_.plus);
  }
  Pad(quoted);
}

void Printer::Hex(std::string_view text, std::string_view digits) {
  if (flags_.precision) text = text.substr(0, static_cast<size_t>(*flags_.precision));
  std::string hex;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && flags_.space) hex.push_back(' ');
    if (flags_.sharp && (i == 0 || flags_.space)) hex.append({'0', digits[16]});
    const auto byte = static_cast<unsigned char>(text[i]);
    hex.append({digits[byte >> 4], digits[byte & 15]});
  }
  // Its bytes are ASCII, and padding goes by the flags.
  Pad(hex);
}

void Printer::Pad(std::string_view text) {
  const int width = flags_.width.value_or(0);
  if (width == 0) return Put(text);
  const int64_t missing = width - static_cast<int64_t>(CountRunes(text));
  if (!flags_.minus) Padding(missing);
  Put(text);
  if (flags_.minus) Padding(missing);
}

void Printer::Padding(int64_t count) {
  if (count <= 0) return;
  const char with = flags_.zero && !flags_.minus ? '0' : ' ';
  if (static_cast<size_t>(count) > bytes_max_ - std::min(bytes_max_, out_.size())) {
    fits_ = false;
    return;
  }
  out_.append(static_cast<size_t>(count), with);
}

std::string_view Printer::Truncated(std::string_view text) const {
  if (!flags_.precision) return text;
  std::string_view rest = text;
  for (int left = *flags_.precision; left > 0 && !rest.empty(); --left) TakeRune(&rest);
  return text.substr(0, text.size() - rest.size());
}

}  // namespace

bool AppendPrintf(std::string* out, std::string_view format, std::span<const Value> arguments,
                  size_t bytes_max) {
  Printer printer(out, bytes_max);
  printer.Printf(format, arguments);
  return printer.fits();
}

bool AppendPrint(std::string* out, std::span<const Value> arguments, size_t bytes_max) {
  Printer printer(out, bytes_max);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool apart = i > 0 && !arguments[i].is_string() && !arguments[i - 1].is_string();
    if (apart) out->push_back(' ');
    printer.Argument(arguments[i], 'v');
  }
  return printer.fits();
}

bool AppendPrintln(std::string* out, std::span<const Value> arguments, size_t bytes_max) {
  Printer printer(out, bytes_max);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out->push_back(' ');
    printer.Argument(arguments[i], 'v');
  }
  out->push_back('\n');
  return printer.fits();
}

bool AppendValue(std::string* out, const Value& value, size_t bytes_max) {
  if (value.is_string() && value.text().size() <= bytes_max - std::min(bytes_max, out->size())) {
    out->append(value.text());
    return true;
  }
  Printer printer(out, bytes_max);
  printer.Argument(value, 'v');
  return printer.fits();
}

}  // namespace headgate::templating::helm
