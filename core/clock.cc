#include "core/clock.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <optional>

namespace headgate::core {

Time RealClock::Now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

BootTime RealClock::SinceBoot() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::duration_cast<BootTime>(std::chrono::seconds(now.tv_sec) +
                                              std::chrono::nanoseconds(now.tv_nsec));
}

namespace {

std::string ShowTime(Time time, bool micro) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (micro) text += fmt::format(".{:03}000", clock.subseconds().count());
  return text + "Z";
}

struct Unit {
  std::string_view name;
  double milliseconds;
};
constexpr Unit kUnits[] = {{"ns", 1e-6}, {"us", 1e-3}, {"µs", 1e-3}, {"ms", 1},
                           {"s", 1e3},   {"m", 6e4},   {"h", 3.6e6}};

// Takes one number with its unit off the front.
std::optional<double> TakeTerm(std::string_view* rest) {
  const size_t digits = std::min(rest->find_first_not_of("0123456789."), rest->size());
  double number = 0;
  const auto [end, error] = std::from_chars(rest->data(), rest->data() + digits, number);
  if (digits == 0 || error != std::errc() || end != rest->data() + digits) return std::nullopt;
  rest->remove_prefix(digits);
  const std::string_view name =
      rest->substr(0, std::min(rest->find_first_of("0123456789."), rest->size()));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    rest->remove_prefix(name.size());
    return number * unit.milliseconds;
  }
  return std::nullopt;
}

}  // namespace

std::string Show(Time time) { return ShowTime(time, false); }
std::string ShowMicro(Time time) { return ShowTime(time, true); }

Result<Time> ParseTime(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, end = 0;
  const std::string copy(text);
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day,
                               &hour, &minute, &second, &end);
  const auto wrong = [&] {
    return Invalid(
        fmt::format("\"{}\" is no time; expected RFC 3339, such as 2026-11-21T10:21:48Z", copy));
  };
  if (read != 6) return wrong();
  std::string_view rest = std::string_view(copy).substr(static_cast<size_t>(end));
  Duration fraction{0};
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    int64_t scale = 100;
    for (; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1), scale /= 10) {
      fraction += Duration((rest[0] - '0') * scale);
    }
  }
  Duration offset{0};
  int oh = 0, om = 0;
  if (rest != "Z") {
    if (rest.size() != 6 ||
        std::sscanf(std::string(rest.substr(1)).c_str(), "%2d:%2d", &oh, &om) != 2)
      return wrong();
    offset = std::chrono::hours(oh) + std::chrono::minutes(om);
    if (rest[0] == '-')
      offset = -offset;
    else if (rest[0] != '+')
      return wrong();
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return wrong();
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction - offset;
}

Result<Duration> ParseDuration(std::string_view text) {
  if (text == "0") return Duration(0);
  double total = 0;
  bool any = false;
  for (std::string_view rest = text; !rest.empty(); any = true) {
    const std::optional<double> term = TakeTerm(&rest);
    if (!term) {
      return Invalid(fmt::format(
          "\"{}\" is no duration; expected a number with a unit, such as 90s, 5m or 1h30m", text));
    }
    total += *term;
  }
  constexpr double kMax = 100.0 * 365 * 24 * 3.6e6;  // a hundred years
  if (!any)
    return Invalid("a duration is empty; expected a number with a unit, such as 90s, 5m or 1h30m");
  if (total > kMax)
    return Invalid(fmt::format("the duration \"{}\" is longer than a hundred years", text));
  return Duration(static_cast<int64_t>(std::llround(total)));
}

std::string Show(Duration duration) {
  int64_t ms = duration.count();
  if (ms < 0) return "-" + Show(Duration(-ms));
  std::string text;
  const auto take = [&](int64_t unit, const char* name) {
    if (ms >= unit) text += fmt::format("{}{}", ms / unit, name);
    ms %= unit;
  };
  take(3600000, "h");
  take(60000, "m");
  take(1000, "s");
  take(1, "ms");
  return text.empty() ? "0s" : text;
}

}  // namespace headgate::core
