#include "templating/helm/functions/toml_value.h"

#include <algorithm>
#include <cmath>

#include "templating/helm/functions/moment.h"
#include "templating/helm/functions/toml_zones.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

bool IsDigit(char c) { return '0' <= c && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || ('a' <= (c | 0x20) && (c | 0x20) <= 'f'); }

bool Fail(std::string* error, std::string text) {
  *error = std::move(text);
  return false;
}

// Each between digits.
bool UnderscoresFit(std::string_view text) {
  bool digit = false;
  for (const char c : text) {
    if (c == '_' && !digit) return false;
    digit = IsHex(c);
  }
  return digit;
}

bool HasLeadingZero(std::string_view text) {
  if (text.size() > 1 && text[0] == '0') return text[1] != 'b' && text[1] != 'o' && text[1] != 'x';
  return text.size() > 2 && (text[0] == '-' || text[0] == '+') && text[1] == '0';
}

bool PeriodsFit(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && (i + 1 == text.size() || !IsDigit(text[i + 1]))) return false;
  }
  return true;
}

bool Integer(std::string_view text, Value* value, std::string* error) {
  const std::string shown = "Invalid integer " + Quote(text) + ": ";
  if (!UnderscoresFit(text)) return Fail(error, shown + "underscores must be surrounded by digits");
  if (HasLeadingZero(text)) return Fail(error, shown + "cannot have leading zeroes");
  const Parsed<int64_t> parsed = ParseInt(text, 0);
  if (parsed.fault == NumberFault::kRange) {
    return Fail(error, std::string(text) + " is out of range for int64");
  }
  if (!parsed) return Fail(error, "expected value but found " + Quote(text) + " instead");
  *value = Value::Int64(parsed.number);
  return true;
}

bool Float(std::string_view text, Value* value, std::string* error) {
  const std::string shown = "Invalid float " + Quote(text) + ": ";
  for (size_t from = 0; from <= text.size();) {
    const size_t end = std::min(text.find_first_of(".eE", from), text.size());
    const std::string_view part = text.substr(from, end - from);
    if (!part.empty() && !UnderscoresFit(part)) {
      return Fail(error, shown + "underscores must be surrounded by digits");
    }
    if (from == 0 && HasLeadingZero(part)) return Fail(error, shown + "cannot have leading zeroes");
    from = end + 1;
  }
  if (!PeriodsFit(text)) {
    return Fail(error, shown + "'.' must be followed by one or more digits");
  }
  std::string plain(text);
  std::erase(plain, '_');
  const Parsed<double> parsed = ParseFloat(plain);
  if (parsed.fault == NumberFault::kRange) {
    return Fail(error, std::string(text) + " is out of range for float64");
  }
  if (!parsed) return Fail(error, "Invalid float value: " + Quote(text));
  *value = Value::Float(parsed.number);
  return true;
}

// A layout's separators must stand where they stand in the text: Go would take numbers of one
// digit.
bool Aligned(std::string_view text, std::string_view layout) {
  for (size_t i = 0; i < layout.size(); ++i) {
    if (layout[i] == '.' || layout[i] == 'Z') return true;
    if (!IsDigit(layout[i]) && (i >= text.size() || text[i] != layout[i])) return false;
  }
  return true;
}

bool Time(std::string_view text, Heap* heap, Value* value, std::string* error) {
  const TomlZones& zones = TomlZones::Get();
  const std::pair<std::string_view, std::shared_ptr<const Zone>> kForms[] = {
      {"2006-01-02T15:04:05.999999999Z07:00", Zone::Local()},
      {"2006-01-02T15:04:05.999999999", zones.time_and_date},
      {"2006-01-02", zones.date},
      {"15:04:05.999999999", zones.time},
      {"2006-01-02T15:04Z07:00", Zone::Local()},
      {"2006-01-02T15:04", zones.time_and_date},
      {"15:04", zones.time},
  };
  std::string plain(text);
  for (char& c : plain) c = c == 'z' ? 'Z' : c == 't' || c == ' ' ? 'T' : c;
  for (const auto& [layout, zone] : kForms) {
    std::string ignored;
    std::optional<Moment> moment = ParseMoment(layout, plain, zone, &ignored);
    if (!moment) continue;
    if (!Aligned(plain, layout)) break;
    *value = Value::Of(heap->New<MomentObject>(std::move(*moment)), Type::kTime);
    return true;
  }
  return Fail(error, "invalid datetime: " + Quote(plain));
}

bool IsTime(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  return digits > 1 && digits < text.size() && (text[digits] == '-' || text[digits] == ':');
}

}  // namespace

bool ReadTomlScalar(std::string_view text, Heap* heap, Value* value, std::string* error) {
  if (text == "true" || text == "false") {
    *value = Value::Bool(text == "true");
    return true;
  }
  std::string_view size = text;
  const bool sign = size.starts_with('-') || size.starts_with('+');
  if (sign) size.remove_prefix(1);
  if (size == "inf" || size == "nan") {
    const double number = size == "inf" ? INFINITY : NAN;
    *value = Value::Float(text[0] == '-' ? -number : number);
    return true;
  }
  if (text.starts_with('.') || size.starts_with('.')) {
    return Fail(error, "floats must start with a digit, not '.'");
  }
  if (size.empty() || !IsDigit(size[0])) {
    return Fail(error, sign ? "expected a digit but got " + Quote(size.substr(0, 1))
                            : "expected value but found " + Quote(text) + " instead");
  }
  if (IsTime(text)) return Time(text, heap, value, error);
  const bool based =
      size.size() > 1 && size[0] == '0' && (size[1] == 'x' || size[1] == 'o' || size[1] == 'b');
  if (based && sign) {
    return Fail(error, "cannot use sign with non-decimal numbers: '" +
                           std::string(text.substr(0, 3)) + "'");
  }
  if (!based && text.find_first_of(".eE") != std::string_view::npos) {
    return Float(text, value, error);
  }
  return Integer(text, value, error);
}

}  // namespace headgate::templating::helm
