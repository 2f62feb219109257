#pragma once

#include <cstdint>

namespace headgate::templating::helm {

// The Gregorian calendar, backwards too (proleptic), over all int64 seconds, as Go's time package
// counts: what overflows wraps around.

// a + b, a - b
inline int64_t WrapAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t WrapSubtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

inline constexpr int64_t kDaySeconds = 24 * 60 * 60;

struct CivilTime {
  int64_t year = 1;
  int month = 1, day = 1, year_day = 1;  // from 1
  int weekday = 1;                       // from Sunday, 0
  int hour = 0, minute = 0, second = 0;
};

// Of a clock that shows UTC.
CivilTime ToCivil(int64_t unix_seconds);
// Months and days may be any number: the 32nd of January is the 1st of February.
int64_t FromCivil(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                  int64_t second);

bool IsLeap(int64_t year);
int DaysIn(int month, int64_t year);
int DaysBefore(int month);  // in a year that is not leap

}  // namespace headgate::templating::helm
