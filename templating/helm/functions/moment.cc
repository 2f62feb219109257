#include "templating/helm/functions/moment.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "templating/helm/functions/layout.h"

namespace headgate::templating::helm {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

std::string MonthName(int month) { return *StringMethod(Value::Number(Type::kMonth, month)); }
std::string WeekdayName(int day) { return *StringMethod(Value::Number(Type::kWeekday, day)); }

// With zeros before it, and a minus before those.
std::string Padded(int64_t number, size_t width) {
  const auto bits = static_cast<uint64_t>(number);
  std::string digits = std::to_string(number < 0 ? 0 - bits : bits);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return (number < 0 ? "-" : "") + digits;
}

std::string SpacePadded(int number, size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), ' ') + digits;
}

std::string Fraction(const LayoutPart& part, int64_t nanoseconds) {
  const bool trim = part.part == Part::kFraction9;
  if (trim && nanoseconds == 0) return "";
  std::string text = part.separator + Padded(nanoseconds, 9);
  text.resize(std::min(text.size(), part.digits + 1));
  if (!trim) return text;
  text.resize(text.find_last_not_of('0') + 1);
  return text.size() == 1 ? "" : text;
}

std::string OffsetText(const LayoutPart& part, int64_t seconds) {
  if (part.z && seconds == 0) return "Z";
  const int64_t minutes = seconds / 60;
  std::string text = minutes < 0 ? "-" : "+";
  text += Padded(std::abs(minutes) / 60, 2);
  const char* colon = part.colons ? ":" : "";
  if (part.minutes) text += colon + Padded(std::abs(minutes) % 60, 2);
  // Where the minutes are none, Go has the sign of the seconds left.
  if (part.seconds) text += colon + Padded((minutes < 0 ? -seconds : seconds) % 60, 2);
  return text;
}

std::string Show(const LayoutPart& part, const Moment& moment, const CivilTime& civil,
                 const ZoneOffset& offset) {
  const int hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  switch (part.part) {
    case Part::kNone:
      return "";
    case Part::kLongMonth:
      return MonthName(civil.month);
    case Part::kMonth:
      return MonthName(civil.month).substr(0, 3);
    case Part::kNumMonth:
      return Padded(civil.month, 0);
    case Part::kZeroMonth:
      return Padded(civil.month, 2);
    case Part::kLongWeekday:
      return WeekdayName(civil.weekday);
    case Part::kWeekday:
      return WeekdayName(civil.weekday).substr(0, 3);
    case Part::kDay:
      return Padded(civil.day, 0);
    case Part::kUnderDay:
      return SpacePadded(civil.day, 2);
    case Part::kZeroDay:
      return Padded(civil.day, 2);
    case Part::kUnderYearDay:
      return SpacePadded(civil.year_day, 3);
    case Part::kZeroYearDay:
      return Padded(civil.year_day, 3);
    case Part::kHour:
      return Padded(civil.hour, 2);
    case Part::kHour12:
      return Padded(hour12, 0);
    case Part::kZeroHour12:
      return Padded(hour12, 2);
    case Part::kMinute:
      return Padded(civil.minute, 0);
    case Part::kZeroMinute:
      return Padded(civil.minute, 2);
    case Part::kSecond:
      return Padded(civil.second, 0);
    case Part::kZeroSecond:
      return Padded(civil.second, 2);
    case Part::kLongYear:
      return Padded(civil.year, 4);
    case Part::kYear:
      return Padded(std::abs(civil.year % 100), 2);
    case Part::kPM:
      return civil.hour >= 12 ? "PM" : "AM";
    case Part::kpm:
      return civil.hour >= 12 ? "pm" : "am";
    case Part::kZoneName: {
      if (!offset.name.empty()) return offset.name;
      LayoutPart numeric;
      numeric.minutes = true;
      return OffsetText(numeric, offset.seconds);
    }
    case Part::kOffset:
      return OffsetText(part, offset.seconds);
    case Part::kFraction0:
    case Part::kFraction9:
      return Fraction(part, moment.nanoseconds);
  }
  return "";
}

}  // namespace

Moment Moment::In(std::shared_ptr<const Zone> other) const {
  return {seconds, nanoseconds, std::move(other), {}};
}

Moment Moment::Plus(int64_t duration) const {
  Moment later = *this;
  int64_t whole = duration / kSecond;
  later.nanoseconds += duration % kSecond;
  if (later.nanoseconds >= kSecond) {
    ++whole;
    later.nanoseconds -= kSecond;
  } else if (later.nanoseconds < 0) {
    --whole;
    later.nanoseconds += kSecond;
  }
  later.seconds = WrapAdd(seconds, whole);
  if (monotonic) later.monotonic = WrapAdd(*monotonic, duration);
  return later;
}

int64_t Moment::Since(const Moment& earlier) const {
  __int128 apart = static_cast<__int128>(seconds) - earlier.seconds;
  apart = apart * kSecond + nanoseconds - earlier.nanoseconds;
  if (monotonic && earlier.monotonic) {
    apart = static_cast<__int128>(*monotonic) - *earlier.monotonic;
  }
  return static_cast<int64_t>(std::clamp<__int128>(apart, INT64_MIN, INT64_MAX));
}

int Moment::Compare(const Moment& other) const {
  if (seconds != other.seconds) return seconds < other.seconds ? -1 : 1;
  if (nanoseconds != other.nanoseconds) return nanoseconds < other.nanoseconds ? -1 : 1;
  return 0;
}

std::string Moment::Text() const {
  std::string text = FormatMoment(*this, "2006-01-02 15:04:05.999999999 -0700 MST");
  if (!monotonic) return text;
  const auto bits = static_cast<uint64_t>(*monotonic);
  const uint64_t size = *monotonic < 0 ? 0 - bits : bits;
  return text + " m=" + (*monotonic < 0 ? "-" : "+") + std::to_string(size / kSecond) + "." +
         Padded(static_cast<int64_t>(size % kSecond), 9);
}

Moment AtCivil(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
               int64_t second, int64_t nanoseconds, std::shared_ptr<const Zone> zone) {
  int64_t seconds = FromCivil(year, month, day, hour, minute, second);
  ZoneOffset offset = zone->At(seconds);
  if (offset.seconds != 0) {
    const int64_t guess = WrapSubtract(seconds, offset.seconds);
    if (guess < offset.start || guess >= offset.end) offset = zone->At(guess);
    seconds = WrapSubtract(seconds, offset.seconds);
  }
  return {seconds, nanoseconds, std::move(zone), {}};
}

std::string FormatMoment(const Moment& moment, std::string_view layout) {
  const ZoneOffset offset = moment.Offset();
  const CivilTime civil = moment.Civil();
  std::string text;
  while (!layout.empty()) {
    const LayoutPart part = NextPart(layout);
    text += part.prefix;
    if (part.part == Part::kNone) break;
    text += Show(part, moment, civil, offset);
    layout = part.rest;
  }
  return text;
}

std::optional<std::string> FormatJson(const Moment& moment, std::string* error) {
  const int64_t year = moment.Civil().year, offset = moment.Offset().seconds;
  if (year < 0 || year > 9999) {
    *error = "year outside of range [0,9999]";
  } else if (std::abs(offset) >= kDaySeconds) {
    *error = "timezone hour outside of range [0,23]";
  } else {
    return FormatMoment(moment, "2006-01-02T15:04:05.999999999Z07:00");
  }
  return std::nullopt;
}

bool MomentObject::Equals(const Object& other) const {
  const Moment& theirs = static_cast<const MomentObject&>(other).moment;
  return moment.seconds == theirs.seconds && moment.nanoseconds == theirs.nanoseconds &&
         moment.zone == theirs.zone && moment.monotonic == theirs.monotonic;
}

bool ZoneObject::Equals(const Object& other) const {
  return zone == static_cast<const ZoneObject&>(other).zone;
}

}  // namespace headgate::templating::helm
