#include "templating/yaml/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "templating/yaml/parse.h"

namespace headgate::templating::yaml {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSign(char c) { return c == '-' || c == '+'; }

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Which kinds a text can be of, by its first byte.
enum class Hint : uint8_t { kString, kWord, kPoint, kDigit, kMerge };

constexpr std::array<Hint, 256> MakeHints() {
  std::array<Hint, 256> hints{};
  for (char c : {'n', 'N', 't', 'T', 'f', 'F', '~'}) hints[static_cast<uint8_t>(c)] = Hint::kWord;
  for (char c = '0'; c <= '9'; ++c) hints[static_cast<uint8_t>(c)] = Hint::kDigit;
  hints['+'] = hints['-'] = Hint::kDigit;
  hints['.'] = Hint::kPoint;
  hints['<'] = Hint::kMerge;
  return hints;
}
constexpr std::array<Hint, 256> kHints = MakeHints();

Tag ResolveWord(std::string_view text) {
  switch (text.size()) {
    case 1:
      return text == "~" ? Tag::kNull : Tag::kString;
    case 4:
      if (IsOneOf(text, {"true", "True", "TRUE"})) return Tag::kBool;
      return IsOneOf(text, {"null", "Null", "NULL"}) ? Tag::kNull : Tag::kString;
    case 5:
      return IsOneOf(text, {"false", "False", "FALSE"}) ? Tag::kBool : Tag::kString;
    default:
      return Tag::kString;
  }
}

std::optional<double> ParseSpecial(std::string_view text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (IsOneOf(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) return kInfinity;
  if (IsOneOf(text, {"-.inf", "-.Inf", "-.INF"})) return -kInfinity;
  if (IsOneOf(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

// Digits of a base, all of them, at least one.
std::optional<uint64_t> ParseDigits(std::string_view digits, int base) {
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || stop != end || error != std::errc()) return std::nullopt;
  return value;
}

std::optional<Number> Signed(bool negative, uint64_t magnitude) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (negative) {
    if (magnitude > kMax + 1) return std::nullopt;
    return Number(static_cast<int64_t>(~magnitude + 1));
  }
  if (magnitude > kMax) return Number(magnitude);
  return Number(static_cast<int64_t>(magnitude));
}

// A base's prefix behind the sign: 0x, 0o, 0b, or a 0 before further digits (octal).
std::optional<Number> ParseInteger(std::string_view text) {
  const bool sign = !text.empty() && IsSign(text[0]);
  const bool negative = sign && text[0] == '-';
  if (sign) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char mark = static_cast<char>(text[1] | 0x20);
    const bool prefix = text.size() > 2 && (mark == 'x' || mark == 'b' || mark == 'o');
    base = !prefix ? 8 : mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    text.remove_prefix(prefix ? 2 : 1);
  }
  const std::optional<uint64_t> magnitude = ParseDigits(text, base);
  if (!magnitude) return std::nullopt;
  // Beyond int64 only what has no sign is an integer still.
  if (sign && !negative && *magnitude > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return std::nullopt;
  }
  return Signed(negative, *magnitude);
}

// A sign behind the base's prefix, which the reference takes as well: 0b-11, 0o+7.
std::optional<Number> ParseSignedDigits(std::string_view text) {
  if (text.size() < 4 || text[0] != '0' || !IsSign(text[2])) return std::nullopt;
  if (text[1] != 'b' && text[1] != 'o') return std::nullopt;
  const std::optional<uint64_t> magnitude = ParseDigits(text.substr(3), text[1] == 'b' ? 2 : 8);
  if (!magnitude || *magnitude > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return std::nullopt;
  }
  return Signed(text[2] == '-', *magnitude);
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool HasFloatForm(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at - start;
  };
  if (at < text.size() && IsSign(text[at])) ++at;
  const size_t whole = digits();
  size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    fraction = digits();
  }
  if (whole + fraction == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && IsSign(text[at])) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

// Of a text that has a float's form. What is too small is zero, what is too large is no number.
std::optional<double> ParseDecimal(std::string_view text) {
  if (text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  value = std::strtod(std::string(text).c_str(), nullptr);
  if (value > 1 || value < -1) return std::nullopt;
  return value;
}

// ".5", ".5_0": every "_" stands between digits.
std::optional<Number> ParsePoint(std::string_view text) {
  if (const std::optional<double> special = ParseSpecial(text)) return Number(*special);
  std::string digits;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '_') {
      digits += text[at];
    } else if (!IsDigit(text[at - 1]) || at + 1 == text.size() || !IsDigit(text[at + 1])) {
      return std::nullopt;
    }
  }
  if (!HasFloatForm(digits)) return std::nullopt;
  const std::optional<double> value = ParseDecimal(digits);
  return value ? std::optional<Number>(*value) : std::nullopt;
}

std::optional<Number> ParseDigitsOrSign(std::string_view text) {
  if (text.size() > 1 && IsSign(text[0]) && text[1] == '.') {
    if (const std::optional<double> special = ParseSpecial(text)) return Number(*special);
  }
  std::string without;
  if (text.find('_') != std::string_view::npos) {
    without.assign(text);
    without.erase(std::remove(without.begin(), without.end(), '_'), without.end());
    text = without;
  }
  if (std::optional<Number> integer = ParseInteger(text)) return integer;
  if (HasFloatForm(text)) {
    if (const std::optional<double> value = ParseDecimal(text)) return Number(*value);
  }
  return ParseSignedDigits(text);
}

// Decimal digits without a leading zero, few enough for any integer.
bool IsShortInteger(std::string_view text) {
  if (text.size() > 18 || (text[0] == '0' && text.size() > 1)) return false;
  return std::all_of(text.begin(), text.end(), IsDigit);
}

constexpr std::array<bool, 256> MakeNumeric() {
  std::array<bool, 256> numeric{};
  for (char c : std::string_view("0123456789abcdefxoABCDEFXO_+-.: tTzZinINfFeE,")) {
    numeric[static_cast<uint8_t>(c)] = true;
  }
  return numeric;
}
constexpr std::array<bool, 256> kNumeric = MakeNumeric();

// Whether a text holds a letter that no number and no moment has.
bool HasForeignByte(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return !kNumeric[static_cast<uint8_t>(c)]; });
}

Tag ResolveDigit(std::string_view text) {
  if (IsShortInteger(text)) return Tag::kInt;
  if (HasForeignByte(text)) return Tag::kString;
  if (IsTimestamp(text)) return Tag::kTimestamp;
  const std::optional<Number> number = ParseDigitsOrSign(text);
  if (!number) return Tag::kString;
  return std::holds_alternative<double>(*number) ? Tag::kFloat : Tag::kInt;
}

// "1:30", "-12:30:45.6": numbers to base 60 in YAML 1.1.
bool IsBase60(std::string_view text) {
  if (!text.empty() && IsSign(text[0])) text.remove_prefix(1);
  if (text.empty() || !IsDigit(text[0])) return false;
  size_t at = 0;
  while (at < text.size() && (IsDigit(text[at]) || text[at] == '_')) ++at;
  size_t groups = 0;
  for (; at < text.size() && text[at] == ':'; ++groups) {
    size_t end = at + 1;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const size_t length = end - at - 1;
    if (length == 0 || length > 2 || (length == 2 && text[at + 1] > '5')) return false;
    at = end;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && (IsDigit(text[at]) || text[at] == '_')) ++at;
  }
  return groups > 0 && at == text.size();
}

}  // namespace

std::optional<Number> ParseNumber(std::string_view text) {
  if (text.empty()) return std::nullopt;
  switch (kHints[static_cast<uint8_t>(text[0])]) {
    case Hint::kPoint:
      return ParsePoint(text);
    case Hint::kDigit:
      return ParseDigitsOrSign(text);
    default:
      return std::nullopt;
  }
}

Tag ResolvePlain(std::string_view text) {
  if (text.empty()) return Tag::kNull;
  switch (kHints[static_cast<uint8_t>(text[0])]) {
    case Hint::kString:
      return Tag::kString;
    case Hint::kWord:
      return ResolveWord(text);
    case Hint::kPoint:
      return ParsePoint(text) ? Tag::kFloat : Tag::kString;
    case Hint::kDigit:
      return ResolveDigit(text);
    case Hint::kMerge:
      return text == "<<" ? Tag::kMerge : Tag::kString;
  }
  return Tag::kString;
}

bool IsSpecialIn11(std::string_view text) {
  if (text.empty()) return true;
  switch (text[0]) {
    case 'y':
    case 'Y':
      return IsOneOf(text, {"y", "Y", "yes", "Yes", "YES"});
    case 'n':
    case 'N':
      return IsOneOf(text, {"n", "N", "no", "No", "NO"}) || ResolveWord(text) != Tag::kString;
    case 'o':
    case 'O':
      return IsOneOf(text, {"on", "On", "ON", "off", "Off", "OFF"});
    case 't':
    case 'T':
    case 'f':
    case 'F':
    case '~':
      return ResolveWord(text) != Tag::kString;
    case '.':
      return ParsePoint(text).has_value();
    default:
      break;
  }
  if (kHints[static_cast<uint8_t>(text[0])] != Hint::kDigit) return false;
  if (IsShortInteger(text)) return true;
  if (HasForeignByte(text)) return false;
  if (IsBase60(text) || IsTimestamp(text)) return true;
  // Octals with a sign behind their prefix are of go-yaml 3 alone.
  if (text.size() > 2 && text[1] == 'o' && IsSign(text[2])) return false;
  return ParseDigitsOrSign(text).has_value();
}

}  // namespace headgate::templating::yaml
