#include "templating/helm/functions/calendar.h"

#include <array>
#include <cstddef>

namespace headgate::templating::helm {
namespace {

// Days are counted from 1 March of a year so long ago that no int64 of seconds is before it, and
// that is a multiple of 400: then leap days end their years, and all numbers are positive.
constexpr int64_t kFirstYear = -292277022400;
constexpr uint64_t kCycleDays = 146097;  // of 400 years
constexpr uint64_t kFirstToEpoch =       // 1 January 1970
    static_cast<uint64_t>(-kFirstYear) / 400 * kCycleDays + 306 + 719162;

constexpr std::array<int, 13> kDaysBefore = {0,   31,  59,  90,  120, 151, 181,
                                             212, 243, 273, 304, 334, 365};

}  // namespace

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysBefore(int month) { return kDaysBefore[static_cast<size_t>(month - 1)]; }

int DaysIn(int month, int64_t year) {
  if (month == 2 && IsLeap(year)) return 29;
  return DaysBefore(month + 1) - DaysBefore(month);
}

CivilTime ToCivil(int64_t unix_seconds) {
  const uint64_t seconds = static_cast<uint64_t>(unix_seconds) + kFirstToEpoch * kDaySeconds;
  const uint64_t days = seconds / kDaySeconds;
  const auto clock = static_cast<int>(seconds % kDaySeconds);
  // Years from March to February.
  const uint64_t cycle = days / kCycleDays, in_cycle = days % kCycleDays;
  const uint64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
  const auto in_year = static_cast<int>(in_cycle - (365 * year + year / 4 - year / 100));
  const int from_march = (5 * in_year + 2) / 153;

  CivilTime civil;
  civil.month = from_march < 10 ? from_march + 3 : from_march - 9;
  civil.day = in_year - (153 * from_march + 2) / 5 + 1;
  civil.year = static_cast<int64_t>(cycle * 400 + year) + kFirstYear + (civil.month <= 2 ? 1 : 0);
  civil.year_day = DaysBefore(civil.month) + civil.day;
  if (civil.month > 2 && IsLeap(civil.year)) ++civil.year_day;
  civil.weekday = static_cast<int>((days + 3) % 7);  // that 1 March was a Wednesday
  civil.hour = clock / 3600;
  civil.minute = clock / 60 % 60;
  civil.second = clock % 60;
  return civil;
}

int64_t FromCivil(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                  int64_t second) {
  // Months from March on, of years that may overflow.
  int64_t years = (month - 1) / 12, in_year = (month - 1) % 12;
  if (in_year < 0) {
    in_year += 12;
    --years;
  }
  const bool early = in_year < 2;  // January, February
  const auto from_march = static_cast<uint64_t>((in_year + 10) % 12);
  const uint64_t count = static_cast<uint64_t>(year) + static_cast<uint64_t>(years) -
                         static_cast<uint64_t>(kFirstYear) - (early ? 1 : 0);
  const uint64_t cycle = count / 400, in_cycle = count % 400;
  const uint64_t days = cycle * kCycleDays + 365 * in_cycle + in_cycle / 4 - in_cycle / 100 +
                        (153 * from_march + 2) / 5 + static_cast<uint64_t>(day) - 1;
  return static_cast<int64_t>((days - kFirstToEpoch) * kDaySeconds +
                              static_cast<uint64_t>(hour) * 3600 +
                              static_cast<uint64_t>(minute) * 60 + static_cast<uint64_t>(second));
}

}  // namespace headgate::templating::helm
