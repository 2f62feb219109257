// POSIX rules of time zones: "CET-1CEST,M3.5.0,M10.5.0/3".

#include <algorithm>

#include "templating/helm/functions/calendar.h"
#include "templating/helm/functions/zone.h"

namespace headgate::templating::helm {
namespace {

constexpr int64_t kHour = 3600;

// A day and time of each year at which clocks change.
struct YearlyChange {
  enum class Kind { kJulian, kDayOfYear, kMonthWeekDay } kind = Kind::kJulian;
  int64_t day = 0, week = 0, month = 0;
  int64_t time = 2 * kHour;

  // In seconds of the year, where clocks showed `offset` before.
  int64_t In(int64_t year, int64_t offset) const;
  int64_t DayIn(int64_t year) const;
};

// The day of the year, from 0.
int64_t YearlyChange::DayIn(int64_t year) const {
  if (kind == Kind::kDayOfYear) return day;
  if (kind == Kind::kJulian) return day - 1 + (IsLeap(year) && day >= 60 ? 1 : 0);
  // The first such weekday of the month, and then so many weeks on, within the month.
  const auto of = static_cast<int>(month);
  const int first = ToCivil(FromCivil(year, month, 1, 0, 0, 0)).weekday;
  int64_t in_month = (day - first + 7) % 7;
  for (int64_t i = 1; i < week && in_month + 7 < DaysIn(of, year); ++i) in_month += 7;
  return in_month + DaysBefore(of) + (IsLeap(year) && month > 2 ? 1 : 0);
}

int64_t YearlyChange::In(int64_t year, int64_t offset) const {
  return DayIn(year) * kDaySeconds + time - offset;
}

class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  bool At(char c) const { return rest_.starts_with(c); }
  bool Take(char c) {
    if (!At(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> Name();
  std::optional<int64_t> Offset();
  std::optional<YearlyChange> Change();

 private:
  std::optional<int64_t> Number(int64_t min, int64_t max);
  bool Day(YearlyChange* change);

  std::string_view rest_;
};

std::optional<std::string> RuleReader::Name() {
  const bool quoted = Take('<');
  size_t end = quoted ? rest_.find('>') : rest_.find_first_of("0123456789,-+");
  if (quoted && end == std::string_view::npos) return std::nullopt;
  end = std::min(end, rest_.size());
  if (!quoted && end < 3) return std::nullopt;
  std::string name(rest_.substr(0, end));
  rest_.remove_prefix(quoted ? end + 1 : end);
  return name;
}

std::optional<int64_t> RuleReader::Number(int64_t min, int64_t max) {
  int64_t number = 0;
  size_t digits = 0;
  for (; !rest_.empty() && '0' <= rest_[0] && rest_[0] <= '9'; rest_.remove_prefix(1), ++digits) {
    number = number * 10 + (rest_[0] - '0');
    if (number > max) return std::nullopt;
  }
  if (digits == 0 || number < min) return std::nullopt;
  return number;
}

std::optional<int64_t> RuleReader::Offset() {
  const bool negative = At('-');
  if (!Take('+')) Take('-');
  const std::optional<int64_t> hours = Number(0, 24 * 7);
  if (!hours) return std::nullopt;
  int64_t seconds = *hours * kHour;
  for (const int64_t unit : {60, 1}) {
    if (!Take(':')) break;
    const std::optional<int64_t> part = Number(0, 59);
    if (!part) return std::nullopt;
    seconds += *part * unit;
  }
  return negative ? -seconds : seconds;
}

bool RuleReader::Day(YearlyChange* change) {
  using Kind = YearlyChange::Kind;
  std::optional<int64_t> day;
  if (Take('J')) {
    change->kind = Kind::kJulian;
    day = Number(1, 365);
  } else if (Take('M')) {
    change->kind = Kind::kMonthWeekDay;
    const std::optional<int64_t> month = Number(1, 12);
    if (!month || !Take('.')) return false;
    const std::optional<int64_t> week = Number(1, 5);
    if (!week || !Take('.')) return false;
    change->month = *month;
    change->week = *week;
    day = Number(0, 6);
  } else {
    change->kind = Kind::kDayOfYear;
    day = Number(0, 365);
  }
  change->day = day.value_or(0);
  return day.has_value();
}

std::optional<YearlyChange> RuleReader::Change() {
  YearlyChange change;
  if (!Day(&change)) return std::nullopt;
  if (!Take('/')) return change;
  const std::optional<int64_t> time = Offset();
  if (!time) return std::nullopt;
  change.time = *time;
  return change;
}

}  // namespace

std::optional<ZoneOffset> ApplyZoneRule(std::string_view rule, int64_t since,
                                        int64_t unix_seconds) {
  RuleReader reader(rule);
  ZoneOffset standard, summer;
  summer.summer = true;
  const std::optional<std::string> name = reader.Name();
  const std::optional<int64_t> west = name ? reader.Offset() : std::nullopt;
  if (!west) return std::nullopt;
  standard.name = *name;
  standard.seconds = -*west;
  if (reader.empty() || reader.At(',')) {
    standard.start = since;
    standard.end = INT64_MAX;
    return standard;
  }
  const std::optional<std::string> summer_name = reader.Name();
  if (!summer_name) return std::nullopt;
  summer.name = *summer_name;
  summer.seconds = standard.seconds + kHour;
  if (!reader.empty() && !reader.At(',')) {
    const std::optional<int64_t> summer_west = reader.Offset();
    if (!summer_west) return std::nullopt;
    summer.seconds = -*summer_west;
  }
  RuleReader days = reader.empty() ? RuleReader(",M3.2.0,M11.1.0") : reader;
  if (!days.Take(',') && !days.Take(';')) return std::nullopt;
  const std::optional<YearlyChange> to_summer = days.Change();
  if (!to_summer || !days.Take(',')) return std::nullopt;
  const std::optional<YearlyChange> to_standard = days.Change();
  if (!to_standard || !days.empty()) return std::nullopt;

  const CivilTime civil = ToCivil(unix_seconds);
  const int64_t in_year =
      (civil.year_day - 1) * kDaySeconds + civil.hour * kHour + civil.minute * 60 + civil.second;
  const int64_t year_start = WrapSubtract(unix_seconds, in_year);
  int64_t start = to_summer->In(civil.year, standard.seconds);
  int64_t end = to_standard->In(civil.year, summer.seconds);
  // In the south, the middle of the year is the other one.
  ZoneOffset *outer = &standard, *inner = &summer;
  if (end < start) {
    std::swap(start, end);
    std::swap(outer, inner);
  }
  ZoneOffset* const found = in_year < start || in_year >= end ? outer : inner;
  found->start = WrapAdd(year_start, in_year < start ? 0 : in_year >= end ? end : start);
  found->end = WrapAdd(year_start, in_year < start  ? start
                                   : in_year >= end ? 365 * kDaySeconds
                                                    : end);
  return *found;
}

}  // namespace headgate::templating::helm
