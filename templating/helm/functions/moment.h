#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "templating/helm/functions/calendar.h"
#include "templating/helm/functions/zone.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// An instant, seen in a zone: Go's time.Time. Its zero is the first second of the year 1, in UTC.
struct Moment {
  int64_t seconds = kZeroSeconds;  // since 1970
  int64_t nanoseconds = 0;         // 0 to 999,999,999
  std::shared_ptr<const Zone> zone = Zone::Utc();
  std::optional<int64_t> monotonic = {};  // nanoseconds, of what `now` gives

  static constexpr int64_t kZeroSeconds = -62135596800;

  CivilTime Civil() const { return ToCivil(WrapAdd(seconds, Offset().seconds)); }
  ZoneOffset Offset() const { return zone->At(seconds); }
  Moment In(std::shared_ptr<const Zone> other) const;
  Moment Plus(int64_t duration) const;         // nanoseconds
  int64_t Since(const Moment& earlier) const;  // nanoseconds; the largest or smallest where too far
  int Compare(const Moment& other) const;      // -1, 0, 1
  std::string Text() const;                    // its String()
};

// What clocks of a zone show at that time. Of two such instants (in autumn) one is taken, and where
// there is none (in spring) one close by, as Go does.
Moment AtCivil(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
               int64_t second, int64_t nanoseconds, std::shared_ptr<const Zone> zone);

// Go's layouts: "Mon Jan _2 15:04:05.000 MST 2006".
std::string FormatMoment(const Moment& moment, std::string_view layout);
// As RFC 3339 wants it, for JSON; `error` says why not.
std::optional<std::string> FormatJson(const Moment& moment, std::string* error);

// A text of such a layout; where it names no zone, of `zone`. Nothing where it is none: `error`
// says why, as Go does.
std::optional<Moment> ParseMoment(std::string_view layout, std::string_view text,
                                  const std::shared_ptr<const Zone>& zone, std::string* error);

// "1h15m30.5s": nanoseconds.
std::optional<int64_t> ParseDuration(std::string_view text, std::string* error);
// A text in quotes, as errors of Go's time package show it.
std::string QuoteForTime(std::string_view text);

// As values of templates.
class MomentObject : public Object {
 public:
  explicit MomentObject(Moment made) : moment(std::move(made)) {}
  std::string Text() const override { return moment.Text(); }
  bool Equals(const Object& other) const override;

  const Moment moment;
};
class ZoneObject : public Object {
 public:
  explicit ZoneObject(std::shared_ptr<const Zone> made) : zone(std::move(made)) {}
  std::string Text() const override { return zone->name(); }
  bool Equals(const Object& other) const override;

  const std::shared_ptr<const Zone> zone;
};

}  // namespace headgate::templating::helm
