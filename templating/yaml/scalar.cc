#include "templating/yaml/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace headgate::templating {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// One of the spellings of a word that YAML knows: true, True, TRUE.
bool IsSpelling(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  std::string upper(lower);
  std::transform(lower.begin(), lower.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const size_t first = lower.find_first_of("abcdefghijklmnopqrstuvwxyz");
  std::string capital(lower);
  if (first != std::string::npos) capital[first] = upper[first];
  return text == lower || text == upper || text == capital;
}

// Splits off a sign, then a base's prefix: 0x, 0o, 0b, or a 0 before further digits (octal).
struct Digits {
  bool negative = false;
  int base = 10;
  std::string_view digits;
};
Digits SplitNumber(std::string_view text) {
  Digits result;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    result.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 1 && text[0] == '0') {
    const char mark = static_cast<char>(text[1] | 0x20);
    result.base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    text.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  result.digits = text;
  return result;
}

std::optional<core::Value> ParseInteger(std::string_view text) {
  const Digits number = SplitNumber(text);
  uint64_t magnitude = 0;
  const char* end = number.digits.data() + number.digits.size();
  auto [stop, error] = std::from_chars(number.digits.data(), end, magnitude, number.base);
  if (number.digits.empty() || stop != end || error != std::errc()) return std::nullopt;
  const uint64_t bound = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (number.negative) {
    if (magnitude > bound + 1) return std::nullopt;
    return core::Value(static_cast<int64_t>(~magnitude + 1));
  }
  // Kubernetes has no integers above int64; the value keeps 53 bits of them.
  if (magnitude > bound) return core::Value(static_cast<double>(magnitude));
  return core::Value(static_cast<int64_t>(magnitude));
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool HasFloatForm(std::string_view text) {
  size_t at = 0;
  auto digits = [&] {
    const size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at - start;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const size_t whole = digits();
  size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    fraction = digits();
  }
  if (whole + fraction == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

std::optional<core::Value> ParseFloat(std::string_view text) {
  if (!HasFloatForm(text)) return std::nullopt;
  const double number = std::strtod(std::string(text).c_str(), nullptr);
  if (std::isinf(number)) return std::nullopt;  // 1e400 stays a string
  return core::Value(number);
}

std::optional<core::Value> ParseWord(std::string_view text) {
  if (text.empty() || text == "~" || IsSpelling(text, "null")) return core::Value(nullptr);
  if (IsSpelling(text, "true")) return core::Value(true);
  if (IsSpelling(text, "false")) return core::Value(false);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (IsSpelling(text, ".inf") || IsSpelling(text, "+.inf")) return core::Value(kInfinity);
  if (IsSpelling(text, "-.inf")) return core::Value(-kInfinity);
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return core::Value(std::numeric_limits<double>::quiet_NaN());
  }
  return std::nullopt;
}

// Reads one or two digits (or exactly `width`) within bounds.
bool TakeNumber(std::string_view* text, size_t width, int low, int high, int* number) {
  size_t length = 0;
  const size_t most = width == 0 ? 2 : width;
  while (length < text->size() && length < most && IsDigit((*text)[length])) ++length;
  if (length == 0 || (width != 0 && length != width)) return false;
  std::from_chars(text->data(), text->data() + length, *number);
  text->remove_prefix(length);
  return *number >= low && *number <= high;
}

bool TakeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

int DaysOf(int year, int month) {
  constexpr std::array kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<size_t>(month - 1)];
}

// "T15:04:05.9Z", " 15:04:05" behind the date; the result is the normal form with its zone.
std::optional<std::string> ResolveTime(std::string_view text) {
  const bool spaced = TakeChar(&text, ' ');
  if (!spaced && !TakeChar(&text, 'T') && !TakeChar(&text, 't')) return std::nullopt;
  int hour = 0, minute = 0, second = 0;
  if (!TakeNumber(&text, 0, 0, 23, &hour) || !TakeChar(&text, ':') ||
      !TakeNumber(&text, 0, 0, 59, &minute) || !TakeChar(&text, ':') ||
      !TakeNumber(&text, 0, 0, 59, &second)) {
    return std::nullopt;
  }
  std::string fraction;
  if (text.size() > 1 && (text[0] == '.' || text[0] == ',') && IsDigit(text[1])) {
    text.remove_prefix(1);
    while (!text.empty() && IsDigit(text[0])) {
      if (fraction.size() < 9) fraction += text[0];
      text.remove_prefix(1);
    }
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    if (!fraction.empty()) fraction.insert(0, 1, '.');
  }
  std::string zone = "Z";
  if (!spaced && !TakeChar(&text, 'Z')) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const char sign = text[0];
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!TakeNumber(&text, 2, 0, 24, &hours) || !TakeChar(&text, ':') ||
        !TakeNumber(&text, 2, 0, 59, &minutes)) {
      return std::nullopt;
    }
    if (hours != 0 || minutes != 0) zone = fmt::format("{}{:02}:{:02}", sign, hours, minutes);
  }
  if (!text.empty()) return std::nullopt;
  return fmt::format("T{:02}:{:02}:{:02}{}{}", hour, minute, second, fraction, zone);
}

// "1:30", "-12:30:45.6": numbers to base 60 in YAML 1.1.
bool IsBase60(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty() || !IsDigit(text[0])) return false;
  size_t at = 0;
  while (at < text.size() && (IsDigit(text[at]) || text[at] == '_')) ++at;
  size_t groups = 0;
  while (at < text.size() && text[at] == ':') {
    size_t end = at + 1;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const size_t length = end - at - 1;
    if (length == 0 || length > 2 || (length == 2 && text[at + 1] > '5')) return false;
    at = end;
    ++groups;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && (IsDigit(text[at]) || text[at] == '_')) ++at;
  }
  return groups > 0 && at == text.size();
}

}  // namespace

std::optional<std::string> ResolveTimestamp(std::string_view text) {
  int year = 0, month = 0, day = 0;
  if (!TakeNumber(&text, 4, 0, 9999, &year) || !TakeChar(&text, '-') ||
      !TakeNumber(&text, 0, 1, 12, &month) || !TakeChar(&text, '-') ||
      !TakeNumber(&text, 0, 1, DaysOf(year, month), &day)) {
    return std::nullopt;
  }
  std::optional<std::string> time = text.empty() ? "T00:00:00Z" : ResolveTime(text);
  if (!time) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}{}", year, month, day, *time);
}

core::Value ResolvePlain(std::string_view text) {
  if (std::optional<core::Value> word = ParseWord(text)) return *std::move(word);
  const char first = text[0];
  if (first == '.') {
    std::optional<core::Value> number = ParseFloat(text);
    return number ? *number : core::Value(text);
  }
  if (!IsDigit(first) && first != '-' && first != '+') return text;
  if (std::optional<std::string> time = ResolveTimestamp(text)) return *time;
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  std::optional<core::Value> number = ParseInteger(plain);
  if (!number) number = ParseFloat(plain);
  return number ? *number : core::Value(text);
}

bool NeedsQuotes(std::string_view text) {
  for (std::string_view word : {"y", "n", "yes", "no", "on", "off"}) {
    if (IsSpelling(text, word)) return true;
  }
  return !ResolvePlain(text).is_string() || ResolveTimestamp(text) || IsBase60(text);
}

std::string ShowFloat(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  // A whole number travels through JSON as an integer.
  if (number == std::floor(number) && std::abs(number) < 1.8446744073709552e19) {
    return fmt::format("{:.0f}", number == 0 ? 0.0 : number);
  }
  std::array<char, 40> buffer{};
  auto show = [&](std::chars_format format) {
    auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
    return std::string(buffer.data(), end);
  };
  const std::string scientific = show(std::chars_format::scientific);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  return exponent < -4 || exponent >= 6 ? scientific : show(std::chars_format::fixed);
}

}  // namespace headgate::templating
