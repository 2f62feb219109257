#include <fmt/format.h>

#include <array>
#include <charconv>

#include "templating/yaml/resolve.h"

namespace headgate::templating::yaml {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

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

struct Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::string_view fraction;  // digits behind the point, all that were written
  int offset_minutes = 0;
};

// "+01:00". Hours up to 24 and minutes up to 60 are let through, as in the reference.
bool TakeOffset(std::string_view* text, Moment* moment) {
  if (TakeChar(text, 'Z')) return true;
  const bool negative = TakeChar(text, '-');
  int hours = 0, minutes = 0;
  if ((!negative && !TakeChar(text, '+')) || !TakeNumber(text, 2, 0, 24, &hours) ||
      !TakeChar(text, ':') || !TakeNumber(text, 2, 0, 60, &minutes)) {
    return false;
  }
  moment->offset_minutes = (negative ? -1 : 1) * (60 * hours + minutes);
  return true;
}

// "T15:04:05.9Z", " 15:04:05" behind the date.
bool TakeTime(std::string_view text, Moment* moment) {
  bool spaced = false;
  while (TakeChar(&text, ' ')) spaced = true;
  if (!spaced && !TakeChar(&text, 'T') && !TakeChar(&text, 't')) return false;
  if (!TakeNumber(&text, 0, 0, 23, &moment->hour) || !TakeChar(&text, ':') ||
      !TakeNumber(&text, 0, 0, 59, &moment->minute) || !TakeChar(&text, ':') ||
      !TakeNumber(&text, 0, 0, 59, &moment->second)) {
    return false;
  }
  if (text.size() > 1 && (text[0] == '.' || text[0] == ',') && IsDigit(text[1])) {
    size_t end = 1;
    while (end < text.size() && IsDigit(text[end])) ++end;
    moment->fraction = text.substr(1, end - 1);
    text.remove_prefix(end);
  }
  if (!spaced && !TakeOffset(&text, moment)) return false;
  return text.empty();
}

std::optional<Moment> Take(std::string_view text) {
  if (text.size() < 8 || text[4] != '-') return std::nullopt;
  Moment moment;
  if (!TakeNumber(&text, 4, 0, 9999, &moment.year) || !TakeChar(&text, '-') ||
      !TakeNumber(&text, 0, 1, 12, &moment.month) || !TakeChar(&text, '-') ||
      !TakeNumber(&text, 0, 1, DaysOf(moment.year, moment.month), &moment.day)) {
    return std::nullopt;
  }
  if (!text.empty() && !TakeTime(text, &moment)) return std::nullopt;
  return moment;
}

}  // namespace

bool IsTimestamp(std::string_view text) { return Take(text).has_value(); }

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  const std::optional<Moment> moment = Take(text);
  if (!moment) return std::nullopt;
  std::string_view fraction = moment->fraction.substr(0, 9);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  const int offset = moment->offset_minutes, size = offset < 0 ? -offset : offset;
  Timestamp result;
  result.text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}", moment->year, moment->month,
                            moment->day, moment->hour, moment->minute, moment->second,
                            fraction.empty() ? "" : ".", fraction);
  result.text += offset == 0
                     ? "Z"
                     : fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', size / 60, size % 60);
  result.in_json = size < 24 * 60;
  return result;
}

}  // namespace headgate::templating::yaml
